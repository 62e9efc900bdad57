"""Turns what benches/run.sh measured into Markdown: the goals, then every median."""

import json
import os
import platform
import sys
from pathlib import Path
from statistics import median

SMALL = 10240
PLACES = ["disk", "tmpfs", "xfs"]
SUBJECTS = ["big", "four", "many", "tiny", "huge"]


def main():
    results, size = Path(sys.argv[1]), sys.argv[2]
    big, huge, shard, count, runs = map(int, sys.argv[3:])
    total = {"big": big, "four": 4 * shard, "many": count * SMALL, "tiny": 3 * SMALL, "huge": huge}
    title = {
        "big": f"1 × {mib(big)} MiB",
        "four": f"4 × {mib(shard)} MiB",
        "many": f"{count:,} × 10 KiB",
        "tiny": "3 × 10 KiB",
        "huge": f"1 × {mib(huge)} MiB",
    }
    memory_file, peak_file = results / "memory.jsonl", results / "peak.tsv"
    if not memory_file.exists():
        sys.exit("nothing was measured: every place was skipped")
    memory = [json.loads(line) for line in memory_file.read_text().splitlines()]
    limit = {key: max(one[key] for one in memory) for key in memory[0]}
    peaks = {tuple(line.split("\t")[:3]): int(line.split("\t")[3]) for line in peak_file.read_text().splitlines()}
    times = {}
    for file in results.glob("*.*.json"):
        place, subject = file.name.split(".")[:2]
        for result in json.loads(file.read_text())["results"]:
            times[place, subject, result["command"]] = result["times"]
    seconds = {key: median(values) for key, values in times.items()}
    places = [place for place in PLACES if (place, "big", "digests") in seconds]

    print(f"`benches/run.sh {size}`, medians of {runs} runs. {machine()}")
    print()
    print(
        f"In memory, one core, GB/s: sha2 {limit['sha2']:.2f}, our one message {limit['one_message']:.2f}, "
        f"our two at once {limit['two_messages']:.2f} ({limit['two_messages'] / limit['sha2']:.2f} × sha2). "
        f"Over the whole run sha2 varied from {min(one['sha2'] for one in memory):.2f} to {limit['sha2']:.2f}: "
        "where that is wide, the machine was not quiet."
    )
    print()
    print("| goal | where | asked for | result | |")
    print("|---|---|---|---|---|")
    for place in places:

        def at(subject, command):
            return seconds[place, subject, command]

        goal("digests of one big file, share of sha2's rate in memory", place, ">= 0.93",
             big / at("big", "digests") / 1e9 / limit["sha2"])
        goal("digests of four big files, times rayon with sha2", place, ">= 1.6",
             at("four", "sha2") / at("four", "digests"))
        goal("layout of one big file, times its digests", place, "<= 1.05" if place == "xfs" else "<= 1.25",
             at("big", "layout") / at("big", "digests"))
        goal("the same, not waiting for the device (`--no-sync`)", place, "<= 1.05" if place == "xfs" else "<= 1.25",
             at("big", "layout-nosync") / at("big", "digests"))
        goal(f"layout of {title['many']}, times `cp -r`", place, "<= 2",
             at("many", "layout") / at("many", "cp"))
        for subject in SUBJECTS:
            if (place, subject, "again") in seconds:
                again = at(subject, "again")
                if subject == "tiny":
                    goal(f"{title[subject]} again, nothing changed, milliseconds", place, "<= 50", 1000 * again)
                else:
                    goal(f"{title[subject]} again, nothing changed, times `find`", place, "<= 3",
                         again / at(subject, "find"))
        goal("peak memory of any build, MiB", place, "<= 64",
             max(peak for key, peak in peaks.items() if key[0] == place) / 1024)
    print()
    print("| what | where | command | s | fastest – slowest | GB/s | × limit | × digests | × cp | × cp + sync | × find | peak MiB |")
    print("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    output = {"digests": "--dry-run", "layout": "-o out", "tarball": "-o out.tar", "stdout": "-o -", "again": "again"}
    for subject in SUBJECTS:
        for place in places:
            for (of_place, of_subject, command), spent in seconds.items():
                if (of_place, of_subject) != (place, subject):
                    continue
                every = times[place, subject, command]
                peak = peaks.get((place, subject, output.get(command)))
                to = [spent / (total[subject] / limit["sha2"] / 1e9)]
                to += [
                    spent / seconds[place, subject, other] if (place, subject, other) in seconds else None
                    for other in ("digests", "cp", "cp-sync", "find")
                ]
                print(
                    f"| {title[subject]} | {place} | {command} | {spent:.3f} | {min(every):.3f} – {max(every):.3f} "
                    f"| {total[subject] / spent / 1e9:.2f} | {' | '.join('' if ratio is None else f'{ratio:.2f}' for ratio in to)} "
                    f"| {f'{peak / 1024:.0f}' if peak else ''} |"
                )
    skipped = results / "skipped"
    if skipped.exists():
        print()
        for line in skipped.read_text().splitlines():
            print(f"Skipped: {line}.")


def goal(text, place, asked, value):
    sign, bound = asked.split()
    met = value >= float(bound) if sign == ">=" else value <= float(bound)
    asked = asked.replace(">=", "≥").replace("<=", "≤")
    print(f"| {text} | {place} | {asked} | {value:.2f} | {'met' if met else '**missed**'} |")


def machine():
    name = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    cores = len(os.sched_getaffinity(0))
    return f"{name}, {cores} cores, {memory:.0f} GiB, Linux {platform.release()}."


def mib(size):
    return f"{size >> 20:,}"


main()
