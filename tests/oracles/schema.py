"""Validate JSON files against the schemas of the specifications that they follow.

Usage: schema.py KIND FILE [KIND FILE]...

KIND is manifest, index or layout (OCI image specification), or modelpack (its config).

The image specification's schemas are those of Debian's golang-github-opencontainers-image-spec-dev, ModelPack's is
the one that modelpack-client validates with. Every violation is a line on stdout; the exit code is 1 if there is one.
"""

import datetime
import json
import re
import sys
from pathlib import Path

import jsonschema
from modelpack_client.schema import CONFIG_SCHEMA
from referencing import Registry
from referencing.jsonschema import DRAFT4

IMAGE_SPEC = Path("/usr/share/gocode/src/github.com/opencontainers/image-spec/schema")
IMAGE_SCHEMAS = {
    "manifest": "image-manifest-schema.json",
    "index": "image-index-schema.json",
    "layout": "image-layout-schema.json",
}


def load(uri):
    """The schema that `uri` names, whatever directory its `id` claims."""
    return DRAFT4.create_resource(json.loads((IMAGE_SPEC / Path(uri).name).read_text()))


def is_rfc3339(value):
    if not isinstance(value, str):
        return True
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
        return False
    datetime.datetime.fromisoformat(value)
    return True


def validator(kind):
    if kind == "modelpack":
        formats = jsonschema.FormatChecker(formats=())
        formats.checks("date-time", raises=ValueError)(is_rfc3339)
        return jsonschema.Draft202012Validator(CONFIG_SCHEMA, format_checker=formats)
    schema = json.loads((IMAGE_SPEC / IMAGE_SCHEMAS[kind]).read_text())
    return jsonschema.Draft4Validator(schema, registry=Registry(retrieve=load))


def main():
    bad = len(sys.argv) < 3
    for kind, file in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        for error in validator(kind).iter_errors(json.loads(Path(file).read_bytes())):
            print(f"{file}: {error.json_path}: {error.message}")
            bad = True
    sys.exit(bad)


if __name__ == "__main__":
    main()
