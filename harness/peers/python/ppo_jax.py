"""PPO as PureJaxRL describes it: environments, rollout, GAE and all updates in one program that XLA compiles.

Written for this comparison. CartPole-v1 is gymnax's. CleanRL's configuration: 4 environments x 128 steps, 4 epochs of 4
minibatches, two networks of 2 x 64 tanh units, constant learning rate. Prints one line of JSON; steps per second count
those of all agents.

usage: python ppo_jax.py REPEATS SECONDS THRESHOLD MOST_STEPS [ENVS STEPS AGENTS]
"""
import json
import platform
import sys
import time

START = time.perf_counter()
import gymnax
import jax
import jax.numpy as jnp

IMPORTED = time.perf_counter()

ENVS, STEPS, AGENTS = (int(arg) for arg in sys.argv[5:] or ("4", "128", "1"))
EPOCHS, MINIBATCHES = 4, 4
GAMMA, LAMBDA, CLIP, ENT_COEF, VF_COEF, MAX_NORM = 0.99, 0.95, 0.2, 0.01, 0.5, 0.5
RATE, BETA1, BETA2, EPS = 2.5e-4, 0.9, 0.999, 1e-5
WINDOW = 100

env, env_params = gymnax.make("CartPole-v1")
v_reset = jax.vmap(env.reset, in_axes=(0, None))
v_step = jax.vmap(env.step, in_axes=(0, 0, 0, None))


def first_weights(key, sizes, last_gain):
    gains = [2**0.5] * (len(sizes) - 2) + [last_gain]
    keys = jax.random.split(key, len(gains))
    layer = lambda k, i, gain: (
        jax.nn.initializers.orthogonal(gain)(k, (sizes[i], sizes[i + 1])),
        jnp.zeros(sizes[i + 1]),
    )
    return [layer(k, i, gain) for i, (k, gain) in enumerate(zip(keys, gains))]


def mlp(layers, x):
    for w, b in layers[:-1]:
        x = jnp.tanh(x @ w + b)
    w, b = layers[-1]
    return x @ w + b


def policy(params, obs):
    return jax.nn.log_softmax(mlp(params["actor"], obs)), mlp(params["critic"], obs)[..., 0]


def first_state(seed):
    key, *keys = jax.random.split(jax.random.PRNGKey(seed), 4)
    params = {
        "actor": first_weights(keys[0], [4, 64, 64, 2], 0.01),
        "critic": first_weights(keys[1], [4, 64, 64, 1], 1.0),
    }
    obs, envs = v_reset(jax.random.split(keys[2], ENVS), env_params)
    zeros = jax.tree.map(jnp.zeros_like, params)
    return {
        **{"params": params, "m": zeros, "v": zeros, "count": 0, "key": key, "obs": obs, "envs": envs},
        **{"running": jnp.zeros(ENVS), "returns": jnp.zeros(WINDOW), "episodes": 0},
    }


def env_step(carry, _):
    state, params = carry
    key, draw, steps = jax.random.split(state["key"], 3)
    log_probs, value = policy(params, state["obs"])
    action = jax.random.categorical(draw, log_probs)
    logprob = jnp.take_along_axis(log_probs, action[:, None], 1)[:, 0]
    step_keys = jax.random.split(steps, ENVS)
    # Since gymnax 1.0 there are two ends: terminated and truncated. PureJaxRL knows one.
    obs, envs, reward, *ends, _ = v_step(step_keys, state["envs"], action, env_params)
    done = sum(ends) > 0
    row = (state["obs"], action, logprob, value, reward, done)
    running = state["running"] + reward
    # The returns of finished episodes, in a ring.
    place = (state["episodes"] + jnp.cumsum(done) - 1) % WINDOW
    returns = state["returns"].at[jnp.where(done, place, WINDOW)].set(running, mode="drop")
    state = {
        **state,
        **{"key": key, "obs": obs, "envs": envs, "returns": returns},
        **{"running": jnp.where(done, 0.0, running), "episodes": state["episodes"] + done.sum()},
    }
    return (state, params), row


def loss_of(params, obs, action, old_logprob, old_value, advantage, target):
    log_probs, value = policy(params, obs)
    logprob = jnp.take_along_axis(log_probs, action[:, None], 1)[:, 0]
    ratio = jnp.exp(logprob - old_logprob)
    scaled = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    surrogate = jnp.minimum(ratio * scaled, jnp.clip(ratio, 1 - CLIP, 1 + CLIP) * scaled).mean()
    near = old_value + jnp.clip(value - old_value, -CLIP, CLIP)
    value_loss = 0.5 * jnp.maximum((value - target) ** 2, (near - target) ** 2).mean()
    entropy = -(jnp.exp(log_probs) * log_probs).sum(-1).mean()
    return -surrogate + VF_COEF * value_loss - ENT_COEF * entropy


def adam(learner, batch):
    params, m, v, count = learner
    grads = jax.grad(loss_of)(params, *batch)
    norm = jnp.sqrt(sum((g**2).sum() for g in jax.tree.leaves(grads)))
    grads = jax.tree.map(lambda g: g * jnp.minimum(1.0, MAX_NORM / (norm + 1e-6)), grads)
    count = count + 1
    m = jax.tree.map(lambda a, g: BETA1 * a + (1 - BETA1) * g, m, grads)
    v = jax.tree.map(lambda a, g: BETA2 * a + (1 - BETA2) * g * g, v, grads)
    c1, c2 = 1 - BETA1**count, 1 - BETA2**count
    params = jax.tree.map(lambda p, a, b: p - RATE * (a / c1) / (jnp.sqrt(b / c2) + EPS), params, m, v)
    return (params, m, v, count), None


def iteration(_, state):
    (state, params), rows = jax.lax.scan(env_step, (state, state["params"]), None, STEPS)
    obs, action, logprob, value, reward, done = rows
    _, last_value = policy(params, state["obs"])

    def back(carry, row):
        following, next_value = carry
        r, d, own = row
        advantage = r + GAMMA * next_value * (1 - d) - own + GAMMA * LAMBDA * (1 - d) * following
        return (advantage, own), advantage

    _, advantage = jax.lax.scan(back, (jnp.zeros(ENVS), last_value), (reward, done, value), reverse=True)
    batch = (obs, action, logprob, value, advantage, advantage + value)
    batch = jax.tree.map(lambda x: x.reshape(ENVS * STEPS, *x.shape[2:]), batch)

    def epoch(carry, _):
        learner, key = carry
        key, own = jax.random.split(key)
        order = jax.random.permutation(own, ENVS * STEPS)
        parts = jax.tree.map(lambda x: x[order].reshape(MINIBATCHES, -1, *x.shape[1:]), batch)
        learner, _ = jax.lax.scan(adam, learner, parts)
        return (learner, key), None

    learner = (params, state["m"], state["v"], state["count"])
    (learner, key), _ = jax.lax.scan(epoch, (learner, state["key"]), None, EPOCHS)
    params, m, v, count = learner
    return {**state, "params": params, "m": m, "v": v, "count": count, "key": key}


def main(repeats, seconds, threshold, most_steps):
    before = time.perf_counter()
    state = jax.block_until_ready(jax.jit(jax.vmap(first_state))(jnp.arange(1, 1 + AGENTS)))
    every = jax.vmap(iteration, in_axes=(None, 0))
    train = jax.jit(lambda state, n: jax.lax.fori_loop(0, n, every, state))
    train = train.lower(state, 1).compile()
    compiled = time.perf_counter()

    def run(state, count):
        start = time.perf_counter()
        state = jax.block_until_ready(train(state, count))
        return state, time.perf_counter() - start

    timed, first = run(state, 1)
    count = 1
    while True:
        timed, took = run(timed, count)
        if took > seconds / 4:
            break
        count *= 2
    units = max(1, round(seconds * count / took))
    times = []
    for _ in range(repeats):
        timed, took = run(timed, units)
        times.append(took)

    solved, steps = None, 0
    start = time.perf_counter()
    while steps < most_steps and solved is None:
        state, _ = run(state, 8)
        steps += 8 * ENVS * STEPS
        if (state["episodes"] >= WINDOW).all() and float(state["returns"].mean()) >= threshold:
            solved = time.perf_counter() - start
    print(
        json.dumps(
            {
                **{"library": "jax", "version": jax.__version__, "python": platform.python_version()},
                **{"device": jax.devices()[0].device_kind, "importSeconds": IMPORTED - START},
                **{"compileSeconds": compiled - before, "firstUpdateSeconds": compiled - before + first},
                **{"seconds": times, "units": units, "stepsPerSecond": [units * AGENTS * ENVS * STEPS / t for t in times]},
                **{"solvedSeconds": solved, "solvedSteps": steps},
            }
        )
    )


main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
