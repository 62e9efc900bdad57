#!/usr/bin/env python3
"""Print the parts of a WAV file (16 kHz, mono, 16 bits) in which somebody speaks.

Usage: detect.py FILE.wav [THRESHOLD]        needs: numpy onnxruntime
"""

import sys
import wave
from pathlib import Path

import numpy as np
import onnxruntime

RATE = 16_000
FRAME = 512  # samples that one call judges: 32 ms
CONTEXT = 64  # samples of the frame before, which the model wants in front


def probabilities(samples):
    """One number from 0 to 1 per frame of `samples` (float32, -1 to 1); the rest of a frame is silence."""
    session = onnxruntime.InferenceSession(Path(__file__).with_name("silero_vad.onnx"))
    padded = np.pad(samples, (CONTEXT, -len(samples) % FRAME))
    state = np.zeros((2, 1, 128), np.float32)
    for start in range(0, len(padded) - CONTEXT, FRAME):
        frame = padded[None, start : start + CONTEXT + FRAME]
        speech, state = session.run(None, {"input": frame, "state": state, "sr": np.array(RATE)})
        yield float(speech[0, 0])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    threshold = float(sys.argv[2]) if len(sys.argv) == 3 else 0.5
    with wave.open(sys.argv[1]) as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            sys.exit(f"{sys.argv[1]}: want 16 kHz, mono, 16 bits")
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768
    begin = None
    for number, speech in enumerate([*probabilities(samples), 0.0]):
        now = number * FRAME / RATE
        if speech >= threshold and begin is None:
            begin = now
        elif speech < threshold and begin is not None:
            print(f"{begin:.2f} s to {now:.2f} s")
            begin = None


if __name__ == "__main__":
    main()
