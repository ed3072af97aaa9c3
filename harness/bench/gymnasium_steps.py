"""Steps per second of Gymnasium's own environment: a synchronous vector of 8 with random actions, as one line of JSON.

usage: python -c THIS ID REPEATS SECONDS
"""
import json
import platform
import sys
import time

import gymnasium
from gymnasium.vector import AutoresetMode

NUM_ENVS = 8
STEPS = 32


def main(env_id, repeats, seconds):
    # An id of our own stands for an argument of Gymnasium's.
    plain = env_id.removesuffix("-sutton-barto")
    arguments = {} if plain == env_id else {"sutton_barto_reward": True}
    mode = {"autoreset_mode": AutoresetMode.SAME_STEP}
    envs = gymnasium.make_vec(
        plain, num_envs=NUM_ENVS, vectorization_mode="sync", vector_kwargs=mode, **arguments
    )
    envs.reset(seed=1)
    envs.action_space.seed(1)
    actions = [envs.action_space.sample() for _ in range(STEPS)]

    def units(count):
        start = time.perf_counter()
        for _ in range(count):
            for action in actions:
                envs.step(action)
        return time.perf_counter() - start

    units(1)
    count = max(1, round(seconds / units(1)))
    times = [units(count) for _ in range(repeats)]
    who = {"gymnasium": gymnasium.__version__, "python": platform.python_version()}
    print(json.dumps({"seconds": times, "units": count, "numEnvs": NUM_ENVS, "numSteps": STEPS, **who}))


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
