"""Asks an exported policy for actions: python act.py MODEL.onnx [NVEC]"""
import json
import sys

import numpy as np
import onnxruntime as ort

session = ort.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
about = session.get_modelmeta().custom_metadata_map
size = session.get_inputs()[0].shape[1]
print(about["env"], json.loads(about.get("observations", "[]")))

# Two raw observations: the model normalises them itself, where training did.
feeds = {"obs": np.zeros((2, size), np.float32)}
if any(given.name == "mask" for given in session.get_inputs()):
    choices = session.get_inputs()[1].shape[1]
    feeds["mask"] = np.ones((2, choices), np.float32)  # 1 allows a choice, 0 forbids it

names = [output.name for output in session.get_outputs()]
result = dict(zip(names, session.run(names, feeds)))
print("action", result["action"])  # what the environment takes
print("value", result["value"][:, 0])

# To draw an action instead of taking the most probable one, or the mean:
rng = np.random.default_rng(1)


def draw(logits):
    return np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)


if "log_std" in result:  # continuous; clip it to the bounds of the box
    noise = rng.standard_normal(result["mean"].shape)
    print("drawn", result["mean"] + np.exp(result["log_std"]) * noise)
else:
    logits = np.where(feeds.get("mask", 1) == 0, -np.inf, result["logits"])
    if result["action"].ndim == 1:  # one discrete action
        print("drawn", draw(logits))
    else:  # several choices: nvec of the environment, given as 3,2,4
        ends = np.cumsum([int(n) for n in sys.argv[2].split(",")])
        parts = np.split(logits, ends[:-1], axis=1)
        print("drawn", np.stack([draw(part) for part in parts], axis=1))
