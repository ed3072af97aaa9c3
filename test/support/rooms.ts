/**
 * The rooms of the house, from the outermost to the innermost, and which of them each may import from, types included.
 * test/unit/rooms.test.ts holds it.
 */
const MAY_IMPORT: [room: string, from: string][] = [
  // The commands, and the page that they open.
  [
    'harness',
    'envs compare run checkpoint envcheck policy reference map plan model metrics config files gpu wgsl env options extremes',
  ],
  // The page with charts and options.
  ['lab', 'envs compare run envcheck policy reference plan model metrics config files gpu wgsl env options extremes'],
  // What a package gives its users: src/index.ts.
  ['index', 'envs run checkpoint envcheck policy plan model metrics config files gpu env options'],
  // An iteration on the GPU, stage by stage, against the reference.
  ['compare', 'run envcheck reference map plan model config gpu env options extremes'],
  // A run on a device: opening, training, recovery.
  ['run', 'envs checkpoint envcheck policy reference map plan model metrics config files gpu env options extremes'],
  // Everything that training goes on from, as a file.
  ['checkpoint', 'envs plan model metrics config files gpu env'],
  // Environments against their twins.
  ['envcheck', 'reference plan model config gpu wgsl env'],
  // A trained policy on the CPU, and its file.
  ['policy', 'reference model files'],
  // The twins of the kernels, and a trainer made of them.
  ['reference', 'model metrics config files env options'],
  // src/ppo.ts.
  ['map', 'plan'],
  // Which dispatches a run takes, over which buffers; data, without a device.
  ['plan', 'model config gpu env options extremes'],
  // Networks, their first weights, normalisation, actions.
  ['model', 'gpu env options'],
  // A row of metrics.
  ['metrics', 'gpu'],
  // The environments.
  ['envs', 'config env options'],
  // From options to a checked configuration.
  ['config', 'env options'],
  // What an environment is, and its random numbers.
  ['env', 'options'],
  // Device, linker, pipelines, dispatches, readback.
  ['gpu', 'wgsl'],
  // Reading WGSL; safetensors; the options; the largest and the smallest of a list.
  ['wgsl', ''],
  ['files', ''],
  ['options', ''],
  ['extremes', ''],
]

export const ROOMS: Record<string, string[]> = Object.fromEntries(
  MAY_IMPORT.map(([room, from]) => [room, from.split(' ').filter(Boolean)]),
)

/** The room of a file, by its path from the root. */
export function roomOf(file: string): string {
  const [top, second] = file.split('/')
  if (top !== 'src') return top
  if (second === 'ppo.ts') return 'map'
  return second.replace(/\.ts$/, '')
}
