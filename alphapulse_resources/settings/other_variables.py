"""Variables that begin like settings and are none: each with a word on whose it is."""

from typing import Final

OTHER_VARIABLES: Final = {
    "ALPHAPULSE_DEBUG": "1: a command that fails prints where the error came from (alphapulse_cli/errors.py)",
    "ALPHAPULSE_OWNER": "home of the `alphapulse up` whose processes bear it (alphapulse_cli/stack.py)",
    "ALPHAPULSE_TEST_DSN": "server that the tests use instead of the embedded one (tests/databases.py)",
    "ALPHAPULSE_TEST_GUARD": "an owner's variable in tests of the guard (tests/e2e/test_watching.py)",
    "ALPHAPULSE_TEST_OURS": "what a child inherits in tests of processes (tests/e2e/test_processes.py)",
    "ALPHAPULSE_TEST_OWNER": "an owner's variable in tests of processes (tests/e2e/test_processes.py)",
    "ALPHAPULSE_UPDATE_SNAPSHOT": "1: write the snapshot of the definitions (tests/unit/test_definitions.py)",
    "ALPHAPULSE_SHARED_DATA": "directory of real recordings for tests and benchmarks (tests/conftest.py)",
    "ALPHAPULSE_STORM_FAULTS": "faults of the storm of the benchmarks (bench/fault_storm.py)",
    "ALPHAPULSE_STORM_SEED": "which storm, in tests and benchmarks (bench/fault_storm.py)",
    "ALPHAPULSE_LATENCY_MINUTES": "length of the benchmarks of latency (bench/stream_latency.py)",
}
