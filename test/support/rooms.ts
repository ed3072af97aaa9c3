/**
 * The folders of the source code ("rooms"), from the outermost to the innermost, and which of them each may import
 * from, types included. test/unit/rooms.test.ts checks it.
 */
const MAY_IMPORT: [room: string, from: string][] = [
  // The harness: commands, and the page that they open. First the program, which runs the command.
  ['harness', 'harness/build harness/commands harness/checkout harness/cli harness/share harness/vite options'],
  // What the lab's server adds for the user's own environment.
  ['harness/served', 'harness/cli harness/setup lab'],
  // One file per command.
  [
    'harness/commands',
    'harness/bench harness/cases harness/checkout harness/chrome harness/cli harness/compilereport harness/disk harness/figures harness/import harness/nats harness/newenv harness/node harness/onnx harness/pairs harness/peers harness/policies harness/protocol harness/record harness/rundir harness/runtime harness/setup harness/share harness/soak harness/sweep harness/timing harness/training harness/verify compare config env envcheck envs extremes film gpu nats options plan policy reference run sweep',
  ],
  // The page that has the GPU, and the tasks that Node can start in it.
  ['harness/page', 'harness/protocol harness/timing film scene sweep compare config env envs gpu map model plan run'],
  // Another checkout beside this one, measured in turn.
  [
    'harness/pairs',
    'harness/bench harness/cases harness/checkout harness/chrome harness/cli harness/runtime harness/setup harness/timing',
  ],
  // Measuring, and recording the results.
  [
    'harness/bench',
    'harness/cases harness/checkout harness/cli harness/disk harness/figures harness/peers harness/protocol harness/runtime harness/setup harness/timing config env envs extremes gpu model reference',
  ],
  // Other libraries, measured for comparison.
  [
    'harness/peers',
    'harness/cases harness/checkout harness/chrome harness/cli harness/protocol harness/runtime harness/timing config env envs extremes model reference',
  ],
  // The kernels through the compilers of GPUs that are not there.
  ['harness/compilereport', 'harness/checkout harness/cli harness/disk config env envs gpu model plan wgsl'],
  // The cases of the bench, and a row of its table.
  ['harness/cases', 'harness/checkout harness/protocol harness/runtime harness/timing config env envs gpu model'],
  // Training with injected faults.
  [
    'harness/soak',
    'harness/checkout harness/chrome harness/cli harness/protocol harness/rundir harness/runtime config extremes',
  ],
  // Golden files, through the GPU and the reference.
  [
    'harness/verify',
    'harness/cli harness/protocol harness/runtime compare config env envcheck envs extremes files gpu metrics model plan reference run',
  ],
  // A policy of another program: ZIP, pickle, tensors.
  ['harness/import', 'harness/cli env files model options policy'],
  // A policy to share: its model card, and a page that plays it.
  [
    'harness/share',
    'harness/checkout harness/cli harness/disk harness/policies harness/record harness/rundir harness/runtime harness/setup harness/vite config env extremes files gpu options plan player policy scene translate wgsl',
  ],
  // The static site of the policies in examples/gallery.
  ['harness/gallery', 'harness/cli harness/disk harness/figures harness/policies harness/share env envs policy'],
  // A policy as an ONNX model.
  ['harness/onnx', 'env model options policy'],
  // Batches and results by way of a NATS server.
  ['harness/nats', 'harness/cli harness/setup harness/sweep nats sweep'],
  // Sweeps: which trial is next, and what came of them.
  [
    'harness/sweep',
    'harness/checkout harness/chrome harness/cli harness/disk harness/figures harness/rundir harness/runtime harness/setup harness/training sweep plan config gpu env options extremes',
  ],
  // A session of training: its folder and its machine, from the first row to the policies.
  [
    'harness/training',
    'harness/checkout harness/cli harness/disk harness/figures harness/policies harness/protocol harness/rundir harness/runtime harness/setup harness/tensorboard config env extremes gpu metrics model options policy reference run',
  ],
  // Episodes of a policy as a film.
  [
    'harness/record',
    'harness/cli harness/policies harness/protocol harness/runtime env envcheck film gpu options plan policy wgsl',
  ],
  // Policies on the disk, and episodes that they play.
  [
    'harness/policies',
    'harness/cli harness/figures harness/rundir harness/setup config env envs extremes model options policy reference',
  ],
  // The folder of a run: its lock, its files, and continuing a run.
  [
    'harness/rundir',
    'harness/checkout harness/cli harness/disk harness/figures harness/setup harness/tensorboard checkpoint config env extremes files plan policy run',
  ],
  // The files of a new environment; what is in its folders is text there.
  ['harness/newenv', 'index'],
  // Event files of TensorBoard.
  ['harness/tensorboard', 'harness/disk harness/figures harness/setup config extremes files options'],
  // Summaries of metrics rows: curves, best agents, statistics.
  ['harness/figures', 'harness/cli harness/setup env extremes metrics options'],
  // The choices on a command line: environment, configuration, adapter.
  [
    'harness/setup',
    'harness/checkout harness/chrome harness/cli harness/runtime harness/vite config env envcheck envs gpu metrics options policy',
  ],
  // A process with a GPU, a page in Chrome or dawn.node, and the calls into it.
  ['harness/runtime', 'harness/checkout harness/chrome harness/cli harness/node harness/protocol gpu options'],
  // dawn.node: its process, and its Vulkan.
  ['harness/node', 'harness/checkout harness/chrome gpu options'],
  // How Chrome is found, started and served.
  ['harness/chrome', 'harness/cli'],
  // The messages between Node and the page.
  ['harness/protocol', 'film compare config env envs gpu metrics model plan run'],
  // Arguments, errors, output of a command.
  ['harness/cli', 'harness/checkout harness/disk extremes options'],
  // What `npm run build` and `npm run docs` are made of.
  ['harness/build', 'harness/checkout harness/vite'],
  // Paths for Vite, and WGSL without comments.
  ['harness/vite', ''],
  // Writing to a disk that may be full or read-only.
  ['harness/disk', ''],
  // Timing with repeats.
  ['harness/timing', ''],
  // The folder that this code is in, its version and commit.
  ['harness/checkout', ''],
  // The page with charts and options.
  [
    'lab',
    'index film scene envs compare run envcheck policy reference plan model metrics config files gpu wgsl env options extremes',
  ],
  // A page that works for a sweep.
  ['tab', 'nats sweep envs plan gpu'],
  // Pictures of environments, drawn from their states.
  ['scene', 'plan gpu wgsl env'],
  // Pictures as a film: mp4, webm, webp, gif.
  ['film', ''],
  // What a package gives its users: src/index.ts.
  ['index', 'worker envs run checkpoint envcheck policy plan model metrics config files gpu env options'],
  // An iteration on the GPU, stage by stage, against the reference.
  ['compare', 'run envcheck reference map plan model config gpu env options extremes'],
  // Work and results over a NATS server.
  ['nats', 'sweep files env'],
  // A batch of trials, and the work on it.
  ['sweep', 'run checkpoint policy plan model metrics config files gpu env options'],
  // A run in a Worker, and the page's end of it.
  ['worker', 'envs run checkpoint policy model metrics config files gpu env options'],
  // A run on a device: opening, training, recovery.
  ['run', 'envs checkpoint envcheck policy reference map plan model metrics config files gpu env options extremes'],
  // A page that plays a policy, by WebGPU or in its twin.
  ['player', 'scene envcheck reference policy translate gpu env options'],
  // WGSL as JavaScript.
  ['translate', 'wgsl'],
  // The whole state of training, as a file.
  ['checkpoint', 'envs policy plan model metrics config files gpu env options'],
  // Environments against their twins.
  ['envcheck', 'reference plan model config gpu wgsl env options'],
  // A trained policy on the CPU, and its file.
  ['policy', 'reference model files env options'],
  // The twins of the kernels, and a trainer made of them.
  ['reference', 'model metrics config files env options'],
  // src/ppo.ts.
  ['map', 'plan'],
  // The dispatches of a run and their buffers; data, without a device.
  ['plan', 'model config gpu wgsl env options extremes'],
  // Networks, their initial weights, normalisation, actions.
  ['model', 'gpu env options'],
  // A row of metrics.
  ['metrics', 'gpu env options'],
  // The environments.
  ['envs', 'config wgsl env options'],
  // From options to a checked configuration.
  ['config', 'env options'],
  // The definition of an environment, and its random numbers.
  ['env', 'files wgsl options'],
  // Device, linker, pipelines, dispatches, readback.
  ['gpu', 'wgsl options'],
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
  const [top, second, third] = file.split('/')
  if (top === 'harness' && third !== undefined) return `harness/${second}`
  if (top !== 'src') return top
  if (second === 'ppo.ts') return 'map'
  return second.replace(/\.ts$/, '')
}
