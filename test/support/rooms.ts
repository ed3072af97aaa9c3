/**
 * The rooms of the house, and which of them each may import from, types included. What stands further up imports from
 * further down, never the other way round. test/unit/rooms.test.ts holds it.
 */
export const ROOMS: Record<string, string[]> = {
  // The commands, and the page that they open.
  harness: [
    'envs',
    'index',
    'lab',
    'compare',
    'run',
    'checkpoint',
    'envcheck',
    'policy',
    'reference',
    'map',
    'plan',
    'model',
    'metrics',
    'config',
    'files',
    'gpu',
    'wgsl',
    'env',
    'options',
    'extremes',
  ],
  // The page with charts and options.
  lab: [
    'envs',
    'compare',
    'run',
    'checkpoint',
    'envcheck',
    'policy',
    'reference',
    'plan',
    'model',
    'metrics',
    'config',
    'files',
    'gpu',
    'wgsl',
    'env',
    'options',
    'extremes',
  ],
  // What a package gives its users: src/index.ts.
  index: [
    'envs',
    'run',
    'checkpoint',
    'envcheck',
    'policy',
    'plan',
    'model',
    'metrics',
    'config',
    'files',
    'gpu',
    'env',
    'options',
  ],
  // An iteration on the GPU, stage by stage, against the reference.
  compare: ['run', 'envcheck', 'reference', 'map', 'plan', 'model', 'config', 'gpu', 'env', 'options', 'extremes'],
  // A run on a device: opening, training, recovery.
  run: [
    'envs',
    'checkpoint',
    'envcheck',
    'policy',
    'reference',
    'map',
    'plan',
    'model',
    'metrics',
    'config',
    'files',
    'gpu',
    'wgsl',
    'env',
    'options',
    'extremes',
  ],
  // Everything that training goes on from, as a file.
  checkpoint: ['envs', 'plan', 'model', 'metrics', 'config', 'files', 'gpu', 'wgsl', 'env', 'options', 'extremes'],
  // Environments against their twins.
  envcheck: ['reference', 'plan', 'model', 'config', 'gpu', 'wgsl', 'env', 'options', 'extremes'],
  // A trained policy on the CPU, and its file.
  policy: ['reference', 'model', 'files', 'env', 'options'],
  // The twins of the kernels, and a trainer made of them.
  reference: ['model', 'metrics', 'config', 'files', 'env', 'options'],
  // src/ppo.ts.
  map: ['plan'],
  // Which dispatches a run takes, over which buffers; data, without a device.
  plan: ['model', 'metrics', 'config', 'gpu', 'wgsl', 'env', 'options', 'extremes'],
  // Networks, their first weights, normalisation, actions.
  model: ['gpu', 'env', 'options'],
  // A row of metrics.
  metrics: ['gpu'],
  // The environments.
  envs: ['config', 'env', 'options'],
  // From options to a checked configuration.
  config: ['env', 'options'],
  // What an environment is, and its random numbers.
  env: ['options'],
  // Safetensors.
  files: [],
  // Device, linker, pipelines, dispatches, readback.
  gpu: ['wgsl'],
  // Reading WGSL.
  wgsl: [],
  // The options.
  options: [],
  // The largest and the smallest of a list.
  extremes: [],
}

/** The room of a file, by its path from the root. */
export function roomOf(file: string): string {
  const [top, second] = file.split('/')
  if (top !== 'src') return top
  if (second === 'ppo.ts') return 'map'
  return second.replace(/\.ts$/, '')
}
