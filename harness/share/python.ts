/** About ten lines of Python that play an exported policy in Gymnasium. */
import type { PolicyData } from '../../src/policy/policyfile'

export interface Snippet {
  code: string
  /** For `pip install`. */
  packages: string
  /** What is to be done before, if Gymnasium has no such environment; else null. */
  note: string | null
}

/** How Gymnasium makes an environment. */
interface Made {
  packages: string
  /** Lines that come first. */
  before?: string[]
  /** Arguments of `gym.make`. */
  make?: string
}

/** The environments here that Gymnasium has, or a package that registers them there. */
const MADE: [id: RegExp, made: Made][] = [
  [
    /^(CartPole-v[01]|MountainCar(Continuous)?-v0|Acrobot-v1|Pendulum-v1)$/,
    { packages: '"gymnasium[classic-control]"' },
  ],
  [
    /^CartPole-v1-sutton-barto$/,
    { packages: '"gymnasium[classic-control]"', make: '"CartPole-v1", sutton_barto_reward=True' },
  ],
  [/^LunarLander(Continuous)?-v3$/, { packages: '"gymnasium[box2d]"' }],
  [
    /^(HalfCheetah|Hopper|Walker2d|Swimmer|Reacher|Inverted(Double)?Pendulum)-v[45]$/,
    { packages: '"gymnasium[mujoco]"' },
  ],
  [
    /^MinAtar\/\w+-v[01]$/,
    { packages: 'gymnasium minatar', before: ['from minatar.gym import register_envs', 'register_envs()'] },
  ],
]

/**
 * @param frames Observations that the policy sees at once.
 * @param isOwn The environment is a user's own, whatever its name is.
 */
export function pythonSnippet(
  { env, shape }: Pick<PolicyData, 'env' | 'shape'>,
  { frames = 1, isOwn = false }: { frames?: number; isOwn?: boolean } = {},
): Snippet {
  const known = isOwn ? undefined : MADE.find(([id]) => id.test(env))?.[1]
  const { packages, before = [], make = JSON.stringify(env) } = known ?? { packages: 'gymnasium' }
  const made = `gym.make(${make})`
  const seen = frames > 1 ? 'np.concatenate(obs, axis=-1)' : 'obs'
  const inputs = [
    `"obs": np.float32(${seen}).reshape(1, -1)`,
    ...(shape.masked ? ['"mask": np.float32(info["action_mask"]).reshape(1, -1)'] : []),
  ]
  const code = [
    'import gymnasium as gym, numpy as np, onnxruntime as ort',
    ...before,
    'policy = ort.InferenceSession("policy.onnx")',
    `env = ${frames > 1 ? `gym.wrappers.FrameStackObservation(${made}, ${frames})` : made}`,
    'obs, info = env.reset(seed=0)',
    'total, done = 0.0, False',
    'while not done:',
    `    action = policy.run(["action"], {${inputs.join(', ')}})[0][0]`,
    `    obs, reward, terminated, truncated, info = env.step(${shape.dist === 'categorical' ? 'int(action)' : 'action'})`,
    '    total, done = total + float(reward), terminated or truncated',
    'print("return", total)',
  ]
  const note = known
    ? null
    : 'The environment is not one of Gymnasium. These lines play the policy in your own version of it, once you have ' +
      'registered that there under this name.'
  return { code: code.join('\n'), packages: `numpy onnxruntime ${packages}`, note }
}
