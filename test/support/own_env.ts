/** A user's page: the example environment through the public API, with and without its twin. */
import { checkEnv, createPpo, type EnvReport, type Policy } from 'ppo-webgpu'
import { pointMass } from '../../examples/pointmass/spec'

export interface OwnEnvResult {
  withTwin: EnvReport
  withoutTwin: EnvReport
  /** For every row of a training without a twin: timesteps, ended episodes, the loss. */
  timesteps: number[]
  episodes: number[]
  losses: number[]
  /** What its policy says of itself, and an action far from the mean. */
  environment: Policy['environment']
  origin: Policy['origin']
  bounded: number[]
  /** The last row's return. */
  score: number
  compileError: string
  deviceAlive: boolean
}

async function run(): Promise<OwnEnvResult> {
  const { twin: _, ...bare } = pointMass
  const adapter = await navigator.gpu.requestAdapter()
  const device = await adapter!.requestDevice()
  const withTwin = await checkEnv(pointMass, {
    numEnvs: 16,
    steps: 30,
    from: [{ x: 0.1, y: 0, x_dot: -0.1, y_dot: 0 }],
  })
  const withoutTwin = await checkEnv(bare, { numEnvs: 16, steps: 30, device })
  const timesteps: number[] = []
  const episodes: number[] = []
  const losses: number[] = []
  let score = Number.NaN
  const sizes = { numEnvs: 8, numSteps: 128, numMinibatches: 4, updateEpochs: 2, hidden: [8] }
  const ppo = await createPpo({ env: bare, seed: 3, totalTimesteps: 3072, ...sizes })
  for await (const { rows } of ppo.train()) {
    for (const [row] of rows) {
      score = row!.episodicReturn!
      timesteps.push(row!.timesteps)
      episodes.push(row!.episodes)
      losses.push(row!.loss!)
    }
  }
  const policy = await ppo.policy()
  const { environment, origin } = policy
  const bounded = policy.sample([9, 9, 9, 9], () => 1 - 1e-12)
  ppo.dispose()
  const broken = { ...pointMass, wgsl: pointMass.wgsl.replace('let s = *state;', 'let s = *sate;') }
  const compileError = await createPpo({ env: broken }).then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  )
  // Still usable: it belongs to the caller.
  const deviceAlive = await Promise.race([
    device.lost.then(() => false),
    device.queue.onSubmittedWorkDone().then(() => true),
  ])
  return {
    withTwin,
    withoutTwin,
    timesteps,
    episodes,
    losses,
    environment,
    origin,
    bounded,
    score,
    compileError,
    deviceAlive,
  }
}

Object.assign(globalThis, { result: run() })
