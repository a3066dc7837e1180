"""Generates a client from our introspection of the reference server's schema; see `codegen`."""

import json
import pathlib
import subprocess
import sys
import tempfile

from graphql import (
    build_client_schema, build_schema, get_introspection_query, lexicographic_sort_schema, print_schema,
)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OPERATIONS = """
subscription NetworkStatus($customerId: ID!) {
  customerNetworkStatusUpdated(customerId: $customerId) {
    customerId
    connectionStatus
    lastSeenAt
    ipv4Address
    signalStrength
    uptimeSeconds
    updatedAt
  }
}
"""


def introspect(binary, sdl):
    """What our engine answers to the standard introspection query."""
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True)
    cases = [{"op": "schema", "schema": "s", "text": sdl}, {"op": "introspect", "schema": "s", "text": query}]
    run = subprocess.run(
        [binary], input="".join(json.dumps(case) + "\n" for case in cases), capture_output=True, text=True, check=True)
    built, answer = map(json.loads, run.stdout.splitlines())
    if built.get("errors") or "data" not in answer:
        sys.exit(f"introspection failed: {built} {answer}")
    return answer["data"]


def main():
    binary = next(
        (path for config in ("release", "debug")
         for path in [ROOT / ".build" / config / "graphql-differential"] if path.exists()), None)
    if not binary:
        sys.exit("build the driver first: swift build --product graphql-differential")
    sdl = "\n".join(path.read_text() for path in sorted((ROOT / "Sources/ReferenceDomains/Schema").glob("*.graphql")))
    introspected = build_client_schema(introspect(binary, sdl))
    printed = print_schema(lexicographic_sort_schema(introspected))
    if printed != print_schema(lexicographic_sort_schema(build_schema(sdl))):
        sys.exit("the introspected schema is not the one that was written")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "schema.graphql").write_text(print_schema(introspected))
        (folder / "operations.graphql").write_text(OPERATIONS)
        (folder / "pyproject.toml").write_text(
            '[tool.ariadne-codegen]\nschema_path = "schema.graphql"\nqueries_path = "operations.graphql"\n'
            'target_package_name = "client_of_ours"\n')
        subprocess.run([str(pathlib.Path(sys.executable).parent / "ariadne-codegen")], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        made = sorted(path.name for path in (folder / "client_of_ours").glob("*.py"))
        subprocess.run(
            [sys.executable, "-c", "import client_of_ours; client_of_ours.Client.network_status"], cwd=folder, check=True)
    print(f"ariadne-codegen made {len(made)} files from {len(introspected.type_map)} types")


if __name__ == "__main__":
    main()
