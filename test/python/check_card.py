"""Runs the Python of a model card that `share` wrote, and compares its returns with the card's. Not part of `npm test`:

    pip install numpy onnxruntime "gymnasium[classic-control]"     and what the card asks for besides
    npm run share -- RUN
    python test/python/check_card.py RUN-shared [EPISODES]

It runs what is in the folder: use it with your own alone.
"""

import math
import os
import pathlib
import re
import statistics
import sys

folder = pathlib.Path(sys.argv[1])
episodes = int(sys.argv[2]) if len(sys.argv) > 2 else 20
card = (folder / "README.md").read_text()
code = re.search(r"```python\n(.*?)\n```", card, re.DOTALL).group(1)
mean, std = map(float, re.search(r"\*\*(-?[\d.]+) \+/- ([\d.]+)\*\*", card).groups())
os.chdir(folder)
assert code.count("seed=0") == 1 and code.splitlines()[-1] == 'print("return", total)'

returns = []
for seed in range(episodes):
    names: dict = {}
    exec(code.replace("seed=0", f"seed={seed}"), names)
    returns.append(names["total"])

played = statistics.fmean(returns)
spread = statistics.stdev(returns)
print(f"Gymnasium: {played:.2f} +/- {spread:.2f} over {episodes} episodes; the card: {mean:.2f} +/- {std:.2f} over 100")
# The difference of two means has the sum of their variances. 0.01: the card has two decimals.
error = math.sqrt(spread**2 / episodes + std**2 / 100)
assert abs(played - mean) <= 4 * error + 0.01, f"the means differ by more than 4 standard errors of {error:.2f}"
