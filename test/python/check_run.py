"""Reads the files of a run with other people's software, and compares them. Not part of `npm test`:

    pip install numpy onnx safetensors tensorboard
    npm run export -- RUN
    python test/python/check_run.py RUN
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnx.checker
import onnx.reference
import safetensors.numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TAGS = {
    "charts/episodic_return": "returnMean",
    "charts/episodic_length": "lengthMean",
    "charts/episodic_return_100": "episodicReturn",
    "charts/learning_rate": "learningRate",
    "losses/policy_loss": "pgLoss",
    "losses/value_loss": "vLoss",
    "losses/entropy": "entropy",
    "losses/approx_kl": "approxKl",
    "losses/clipfrac": "clipfrac",
    "losses/explained_variance": "explainedVariance",
}


def check_events(run: pathlib.Path) -> None:
    """Every number that TensorBoard shows is that of metrics.jsonl, at the same step, and none is missing."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    agents = sorted({row["agent"] for row in rows})
    for agent in agents[:64]:
        folder = run if len(agents) == 1 else run / f"agent-{agent}"
        events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
        events.Reload()
        for tag, name in TAGS.items():
            wanted = [(r["timesteps"], r[name]) for r in rows if r["agent"] == agent and r[name] is not None]
            shown = [(e.step, e.value) for e in events.Scalars(tag)] if wanted else []
            assert [step for step, _ in shown] == [step for step, _ in wanted], (folder, tag)
            assert numpy.array_equal([v for _, v in shown], numpy.float32([v for _, v in wanted])), (folder, tag)
        assert events.Tags()["tensors"] == ["hyperparameters/text_summary"]
    print(f"TensorBoard: {len(agents)} agents, {len(rows)} rows")


def check_policy(path: pathlib.Path) -> None:
    """The format's own reader takes the policy; onnx takes its export, which computes the same."""
    tensors = safetensors.numpy.load(path.read_bytes())
    assert all(t.dtype == numpy.float32 and numpy.isfinite(t).all() for t in tensors.values())
    with safetensors.safe_open(path, framework="numpy") as file:
        shape = json.loads(file.metadata()["shape"])
    print(f"{path.name}: {len(tensors)} tensors")
    exported = path.with_suffix(".onnx")
    if not exported.exists():
        return
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    obs = numpy.random.default_rng(0).normal(0, 3, (1000, shape["obsDim"])).astype(numpy.float32)
    action, head, *_, value = onnx.reference.ReferenceEvaluator(model).run(None, {"obs": obs})
    x = obs.astype(numpy.float64)
    if "normaliser.obs.mean" in tensors:
        deviation = numpy.sqrt(tensors["normaliser.obs.variance"].astype(numpy.float64) + 1e-8)
        x = numpy.clip((x - tensors["normaliser.obs.mean"]) / deviation, -10, 10)
    for got, network in ((head, "actor"), (value, "critic")):
        assert numpy.allclose(got, forward(tensors, network, x, shape["activation"]), rtol=1e-4, atol=1e-4)
    if shape["dist"] == "categorical":
        assert numpy.array_equal(action, head.argmax(axis=1))
    print(f"{exported.name}: the same outputs for {len(obs)} observations")


def forward(tensors: dict, network: str, x: numpy.ndarray, activation: str) -> numpy.ndarray:
    act = {
        "tanh": numpy.tanh,
        "relu": lambda v: numpy.maximum(v, 0),
        "silu": lambda v: v / (1 + numpy.exp(-v)),
    }[activation]
    layers = sorted(
        (n.removesuffix(".weight") for n in tensors if n.startswith((network, "trunk")) and n.endswith(".weight")),
        key=lambda name: (name.startswith(network), int(name.split(".")[1])),  # a shared trunk comes first
    )
    for layer in layers:
        x = x @ tensors[f"{layer}.weight"].T.astype(numpy.float64) + tensors[f"{layer}.bias"]
        x = x if layer == layers[-1] else act(x)
    return x


if __name__ == "__main__":
    run = pathlib.Path(sys.argv[1])
    check_events(run)
    for policy in sorted(run.glob("policy*.safetensors")):
        check_policy(policy)
