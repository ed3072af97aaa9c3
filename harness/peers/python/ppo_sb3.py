"""Stable-Baselines3's PPO on CartPole-v1 in CleanRL's configuration: 4 environments x 128 steps, 4 epochs of 4
minibatches, two networks of 2 x 64 tanh units, constant learning rate, on the CPU as its documents advise for MLPs.
Prints one line of JSON.

usage: python ppo_sb3.py REPEATS SECONDS THRESHOLD MOST_STEPS
"""
import json
import platform
import sys
import time

START = time.perf_counter()
import numpy as np
import stable_baselines3
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

IMPORTED = time.perf_counter()
ENVS, STEPS, WINDOW = 4, 128, 100


def make():
    options = {"n_steps": STEPS, "batch_size": ENVS * STEPS // 4, "n_epochs": 4, "learning_rate": 2.5e-4}
    loss = {"ent_coef": 0.01, "vf_coef": 0.5, "clip_range": 0.2, "clip_range_vf": 0.2, "max_grad_norm": 0.5}
    envs = make_vec_env("CartPole-v1", n_envs=ENVS, seed=1)
    return PPO("MlpPolicy", envs, seed=1, device="cpu", gamma=0.99, gae_lambda=0.95, verbose=0, **options, **loss)


def timed(model, iterations):
    start = time.perf_counter()
    model.learn(iterations * ENVS * STEPS, reset_num_timesteps=False)
    return time.perf_counter() - start


class UntilSolved(BaseCallback):
    """Ends training when the last 100 episodes have a mean return of at least the threshold."""

    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def _on_step(self):
        returns = [episode["r"] for episode in self.model.ep_info_buffer]
        return len(returns) < WINDOW or np.mean(returns) < self.threshold


def main(repeats, seconds, threshold, most_steps):
    before = time.perf_counter()
    model = make()
    first = time.perf_counter() - before + timed(model, 1)
    units = max(1, round(seconds / timed(model, 1)))
    times = [timed(model, units) for _ in range(repeats)]

    model = make()
    start = time.perf_counter()
    model.learn(most_steps, callback=UntilSolved(threshold))
    took = time.perf_counter() - start
    solved = took if model.num_timesteps < most_steps else None
    print(
        json.dumps(
            {
                **{"library": "stable-baselines3", "version": stable_baselines3.__version__, "device": "cpu"},
                **{"python": platform.python_version(), "importSeconds": IMPORTED - START, "compileSeconds": 0},
                **{"firstUpdateSeconds": first, "seconds": times, "units": units},
                **{"solvedSeconds": solved, "solvedSteps": model.num_timesteps},
            }
        )
    )


main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
