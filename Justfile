# Run the tests and every check
default: test lint

# Run the tests; arguments go to pytest
test *args:
    uv run --group dev pytest {{args}}

# Check style, format and types
lint:
    uv run --group dev ruff check .
    uv run --group dev ruff format --check .
    uv run --group dev mypy

# Mend style and format, and bring the documentation and what is generated for Claude Code up to date
fix:
    uv run --group dev ruff check --fix .
    uv run --group dev ruff format .
    uv run --group dev python docs/generate.py
    uv run --group dev orchestration install
    uv run --group dev python -m orchestration.claude.plugin plugin "$(uv version --short)"

# Measure; arguments go to the benchmarks
bench *args:
    uv run --group dev --group bench python -m benchmarks {{args}}

# Pin the versions that CI installs to the newest allowed ones
pin:
    uv pip compile pyproject.toml --group dev --universal --upgrade --no-header --no-annotate --quiet --output-file constraints.txt
