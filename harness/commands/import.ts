/** `import`: a policy of Stable-Baselines3, CleanRL or another program as a policy file of this one. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Activation } from '../../src/options/options'
import { suggest } from '../../src/options/suggest'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { commandLine, quoted } from '../cli/invocation'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { count, makeOutput } from '../cli/output'
import { type Imported, importPolicy, MOST_BYTES } from '../import/policy'
import { chooseEnv } from '../setup/environment'
import { IMPORT_FIELDS, type ImportResult } from './fields/import'

const ACTIVATIONS: readonly Activation[] = ['tanh', 'relu', 'silu', 'elu']

export const importCommand: Command = {
  name: 'import',
  summary: 'Make a policy file of a Stable-Baselines3 model, or of a state_dict as safetensors.',
  positionals: { usage: 'FILE', min: 1, max: 1 },
  flags: {
    env: {
      value: 'ID_OR_FILE',
      help: 'The environment that it was trained in, or a module of your own; required, because the file does not name it.',
    },
    out: { value: 'FILE', help: 'Where to write the policy. Default: next to FILE, NAME-policy.safetensors.' },
    stats: {
      value: 'FILE',
      help: 'Statistics of VecNormalize as safetensors; none: it was trained without VecNormalize.',
    },
    activation: {
      value: 'NAME',
      help: `Of the hidden layers: ${ACTIVATIONS.join(', ')}. Default: as a ZIP says, otherwise tanh.`,
    },
    force: replaceFlag('--out'),
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'FILE is the ZIP of model.save() of PPO or A2C with an MlpPolicy, or a safetensors file with the weights of a\n' +
    'perceptron under the names of Stable-Baselines3, of CleanRL, or of policy files here. No code in it is run, and all\n' +
    'that is not weights is refused.',
  results: { import: IMPORT_FIELDS },
  run: runImport,
}

async function runImport(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const [file] = given.positionals
  const out = given.text('out') ?? join(dirname(file), `${stem(file)}-policy.safetensors`)
  checkOutput('out', out, given.has('force'))
  if (existsSync(out) && existsSync(file) && realpathSync(out) === realpathSync(file)) {
    throw new UsageError(`--out: ${out} is the file that is read. Name another one.`)
  }
  const activation = readActivation(given)
  const id = given.text('env')
  if (id === undefined)
    throw new UsageError(`${file}: does not name its environment. Give the one that it was trained in: --env ID.`)
  const { spec } = await chooseEnv('--env', id)
  const stats = given.text('stats')
  const imported = importPolicy({ name: file, bytes: read(file) }, spec, {
    activation,
    stats: stats === undefined || stats === 'none' ? (stats ?? null) : { name: stats, bytes: read(stats) },
  })
  const { source, shape, numParams, copied, normalised, steps, seed } = imported
  if (copied > 0) {
    output.warn(
      `Actor and critic had ${copied} layers in common and others behind them. Each has its own copy now: the same outputs, trained apart.`,
    )
  }
  if (imported.mayLackStats) output.warn(statsWarning(file))
  const written = resolve(writeOutput(out, imported.file, given.has('force')))
  const { actorHidden, criticHidden, activation: used, sharedTrunk = false } = shape
  const network = { actorHidden, criticHidden, activation: used, sharedTrunk, numParams }
  const result: ImportResult = { env: spec.id, file, out: written, source, ...network, normalised, steps, seed }
  output.result(inOrder(IMPORT_FIELDS, result), text(result, imported))
  return EXIT.done
}

const stem = (file: string): string => (file.split(/[\\/]/).at(-1) ?? file).replace(/\.(zip|safetensors)$/i, '')

/** @throws UsageError */
function read(file: string): Uint8Array {
  try {
    const there = statSync(file)
    if (!there.isFile()) throw new Error('it is not a file')
    if (there.size <= MOST_BYTES) return new Uint8Array(readFileSync(file))
  } catch (error) {
    throw new UsageError(`${file}: cannot be read (${(error as Error).message}). Name a file that is there.`)
  }
  throw new UsageError(`${file}: is larger than ${MOST_BYTES} bytes. Give a smaller network.`)
}

function readActivation(given: Given): Activation | null {
  const name = given.text('activation')
  const known = ACTIVATIONS.find((activation) => activation === name)
  if (name === undefined || known) return known ?? null
  throw new UsageError(
    `--activation: ${JSON.stringify(name)} is not one of ${ACTIVATIONS.join(', ')}${suggest(name, ACTIVATIONS)}.`,
  )
}

/** The ZIP never says whether observations were normalised. */
function statsWarning(file: string): string {
  const folder = dirname(resolve(file))
  const found = readdirSync(folder).find((name) => /norm.*\.pkl$/i.test(name))
  const beside = found === undefined ? '' : ` ${join(dirname(file), found)} is there: it probably was.`
  return (
    `WARNING: ${file} does not say whether it was trained with VecNormalize.${beside} If it was, it needs the statistics: ` +
    '--stats FILE, written as docs/import.md shows. If it was not: --stats none.'
  )
}

function text(
  { env, out, source, actorHidden, criticHidden, activation, sharedTrunk, numParams, normalised }: ImportResult,
  { steps }: Imported,
): string {
  const widths = (hidden: number[]) => hidden.join(' x ') || 'no hidden layer'
  const both = sharedTrunk || String(actorHidden) === String(criticHidden)
  const networks = both
    ? `actor and critic ${sharedTrunk ? 'with a common trunk of' : 'of'} ${widths(actorHidden)}`
    : `actor of ${widths(actorHidden)}, critic of ${widths(criticHidden)}`
  const trained = steps === null ? '' : `, trained for ${count(steps)} steps`
  const norm = normalised.length > 0 ? `normalises ${normalised.join(' and ')}` : 'normalises nothing'
  return [
    `${env}: a policy of ${source}${trained}: ${networks}, ${activation}, ${count(numParams)} parameters; it ${norm}.`,
    `Written to ${out}. Play it: ${commandLine('eval', quoted(out))}`,
  ].join('\n')
}
