/** `record`: a film of a trained policy, drawn as the lab draws it, without a display. */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { resolveParams } from '../../src/config/params'
import { type FilmFormat, FORMATS } from '../../src/film/formats'
import { agentParams } from '../../src/options/params'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { count, makeOutput } from '../cli/output'
import { average } from '../figures/summary'
import { choosePolicy } from '../policies/best'
import { otherEnv, POLICY_ENV_FLAGS, playedEnv, readKnown } from '../policies/environment'
import { EVAL_CAP, EVAL_SEED } from '../policies/evaluate'
import { AGENT_FLAG, BEST_FLAG, givenPolicies, readAgent } from '../policies/policyfile'
import { FILM_FLAGS, readFormat, readFps, readGrid, readSize } from '../record/options'
import { checkSize, recordEpisodes } from '../record/record'
import { openRuntime } from '../runtime/open'
import { PLAYED_ENV_SET_FLAG, readEnvParams } from '../setup/params'
import { announceAdapter, RUNTIME_FLAGS, readInteger, readRuntime } from '../setup/setup'
import { RECORD_FIELDS, type RecordResult } from './fields/record'

/** Milliseconds between two lines of progress. */
const TELL_MS = 5000

export const record: Command = {
  name: 'record',
  summary: 'Record a film of a trained policy: mp4, webm, webp or gif. Needs neither a display nor a GPU.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    episodes: { value: 'N', help: 'Number of episodes; default: one on each card of the grid.' },
    ...FILM_FLAGS,
    out: {
      value: 'FILE',
      help: 'Where to write it. Default: film.mp4, or so, in the run folder or next to the policy.',
    },
    force: replaceFlag('--out'),
    seed: { value: 'N', help: `Seed of the episodes; default ${EVAL_SEED}, as eval's.` },
    stochastic: { help: 'Draw the actions from the policy, as training does; the same ones for the same --seed.' },
    agent: AGENT_FLAG,
    best: BEST_FLAG,
    ...POLICY_ENV_FLAGS,
    'env-set': PLAYED_ENV_SET_FLAG,
    ...RUNTIME_FLAGS,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'RUN_OR_POLICY is the folder of a run, a policy file or a checkpoint. The episodes are the first ones of eval with the\n' +
    'same seed. Episode k is on card k modulo their number: a card goes on with its next episode, and stands still after\n' +
    'its last one; the film ends with the longest card. It has one picture for each step, and one for the first state of\n' +
    'each episode; webp and gif, which show at most 50 pictures per second, leave some out.',
  results: { record: RECORD_FIELDS },
  run: runRecord,
}

async function runRecord(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const shape = readFilm(given)
  const { columns, rows, episodes, seed, format } = shape
  const choice = readRuntime(given)
  const path = given.positionals[0]
  const out = given.text('out') ?? defaultOut(path, format)
  const known = await readKnown(given)
  const policies = givenPolicies(given)
  checkOutput('out', out, given.has('force'))
  const chosen = choosePolicy(policies, readAgent(given), known, output.warn)
  const spec = playedEnv(chosen, known)
  const warning = otherEnv(chosen, spec, known)
  if (warning) output.warn(warning)
  const settings = resolveParams(readEnvParams(given, spec), 1, spec)
  const deterministic = !given.has('stochastic')
  const options = { ...shape, stochastic: !deterministic, params: agentParams(settings, 0) }
  const begun = performance.now()
  const runtime = await openRuntime(choice)
  try {
    announceAdapter(output, runtime.facts)
    const {
      bytes,
      episodes: played,
      ...facts
    } = await recordEpisodes(spec, chosen.policy, runtime, options, progress(output.say))
    const written = resolve(writeOutput(out, bytes, given.has('force')))
    const returns = played.map((e) => e.return)
    const result: RecordResult = {
      ...{ env: spec.id, out: written, bytes: bytes.length, ...facts, columns, rows, episodes },
      ...{ meanReturn: average(returns), returns, lengths: played.map((e) => e.length), seed },
      ...(spec.params ? { envParams: settings } : {}),
      ...{ deterministic, agent: chosen.agent, wallSeconds: (performance.now() - begun) / 1000 },
    }
    output.result(inOrder(RECORD_FIELDS, result), textOf(result))
    return EXIT.done
  } finally {
    await runtime.close()
  }
}

/** Everything that can be checked before a file is read. @throws UsageError */
function readFilm(given: Given) {
  const format = readFormat(given)
  const { width, height } = readSize(given)
  checkSize(format, width, height)
  const { columns, rows } = readGrid(given)
  const cards = columns * rows
  const episodes = readInteger(given, 'episodes', cards, 1, 2 ** 16)
  if (episodes < cards) {
    throw new UsageError(
      `--episodes: ${episodes} are fewer than the ${cards} cards of --grid ${columns}x${rows}. Give ${cards} or more.`,
    )
  }
  const maxSteps = readInteger(given, 'max-steps', EVAL_CAP, 1, EVAL_CAP)
  const seed = readInteger(given, 'seed', EVAL_SEED, 0, 0xffffffff)
  return { format, width, height, columns, rows, episodes, maxSteps, seed, fps: readFps(given) }
}

/** In the run's folder, or beside the policy file, with its name. */
function defaultOut(path: string, format: FilmFormat): string {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  return isFile ? `${path.replace(/\.safetensors$/, '')}.${format}` : join(path, `film.${format}`)
}

/** Says from time to time how many pictures there are. */
function progress(say: (line: string) => void): (drawn: number, of: number) => void {
  let told = performance.now()
  return (drawn, of) => {
    if (performance.now() - told < TELL_MS) return
    told = performance.now()
    say(`${count(drawn)} / ${count(of)} pictures`)
  }
}

function textOf(film: RecordResult): string {
  const { env, episodes, meanReturn, lengths, frames, width, height, codec, seconds, every, fps, out, bytes } = film
  const played =
    episodes === 1
      ? `1 episode: return ${count(meanReturn, 1)}`
      : `${count(episodes)} episodes: mean return ${count(meanReturn, 1)}`
  const steps = lengths.reduce((sum, length) => sum + length, 0)
  const some =
    every === 1
      ? ''
      : ` (every ${every}. step: ${film.format} shows at most ${FORMATS[film.format].mostFps} pictures per second)`
  return [
    `${env}, ${played}, ${count(steps)} steps.`,
    `${count(frames)} pictures of ${width}x${height}${some}, ${count(seconds, 1)} s at ${Number(fps.toFixed(2))} steps per second, ${codec}.`,
    `${count(bytes)} bytes in ${out}`,
  ].join('\n')
}
