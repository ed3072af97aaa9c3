/** Ten lines of Python that play an exported policy in Gymnasium. */
import type { PolicyData } from '../../src/policy/policyfile'

/** Environments of other packages than Gymnasium's own: what to import before they can be made. */
const IMPORTS: [prefix: string, packages: string, lines: string[]][] = [
  ['MinAtar/', 'minatar', ['from minatar.gym import register_envs', 'register_envs()']],
]

export interface Snippet {
  code: string
  /** For `pip install`. */
  packages: string
}

export function pythonSnippet({ env, shape }: Pick<PolicyData, 'env' | 'shape'>): Snippet {
  const [, more = '', before = []] = IMPORTS.find(([prefix]) => env.startsWith(prefix)) ?? []
  const action = shape.dist === 'categorical' ? 'int(action[0])' : 'action[0]'
  const code = [
    'import gymnasium as gym, numpy as np, onnxruntime as ort',
    ...before,
    'policy = ort.InferenceSession("policy.onnx")',
    `env = gym.make(${JSON.stringify(env)})`,
    'obs, _ = env.reset(seed=0)',
    'total, done = 0.0, False',
    'while not done:',
    '    action = policy.run(["action"], {"obs": np.float32(obs).reshape(1, -1)})[0]',
    `    obs, reward, terminated, truncated, _ = env.step(${action})`,
    '    total, done = total + float(reward), terminated or truncated',
    'print("return", total)',
  ]
  return { code: code.join('\n'), packages: `numpy onnxruntime "gymnasium[${extraOf(env)}]"${more && ` ${more}`}` }
}

const extraOf = (env: string): string =>
  /^LunarLander/.test(env) ? 'box2d' : /-v[45]$/.test(env) ? 'mujoco' : 'classic-control'
