"""Reads test/corpus with the format's own reader, the Python package safetensors. Not part of `npm test`:

    pip install numpy safetensors
    python test/python/check_corpus.py

The good files must be read, and what is refused there must be refused here. The other way round this project is
stricter; those files are listed.
"""

import json
import pathlib

import safetensors

FOLDER = pathlib.Path(__file__).parent.parent / "corpus" / "safetensors"

expected = json.loads((FOLDER / "expected.json").read_text())
stricter = []
for name, wanted in expected.items():
    try:
        safetensors.deserialize((FOLDER / f"{name}.safetensors").read_bytes())
        if wanted["message"] is not None:
            stricter.append(name)
    except safetensors.SafetensorError as error:
        assert wanted["message"] is not None, f"{name}: {error}"
good = sum(wanted["message"] is None for wanted in expected.values())
print(f"{good} good files are read by safetensors {safetensors.__version__}.")
print(f"{len(expected) - good - len(stricter)} files are refused by both, {len(stricter)} only here: {', '.join(stricter)}")
