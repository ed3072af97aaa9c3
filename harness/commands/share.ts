/** `share`: a trained policy as a folder to put on the Hugging Face Hub. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type EnvSpec, obsDim } from '../../src/env/contract'
import { framesOf } from '../../src/plan/kernels'
import { environmentOf } from '../../src/policy/environment'
import { makePolicy } from '../../src/policy/policy'
import { packageVersion } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { commandLine, quoted } from '../cli/invocation'
import { count, makeOutput } from '../cli/output'
import { average, deviation } from '../figures/summary'
import { writeModel } from '../onnx/model'
import { policyModel } from '../onnx/policy'
import { choosePolicy } from '../policies/best'
import { otherEnv, POLICY_ENV_FLAGS, playedEnv, readKnown } from '../policies/environment'
import { EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import { AGENT_FLAG, BEST_FLAG, givenPolicies, readAgent } from '../policies/policyfile'
import { type CardFacts, modelCard, score } from '../share/card'
import { beginningOf, changedSettings, shownModule, trainCommand } from '../share/command'
import { contentsOf, policyBytes } from '../share/contents'
import { replayFilm } from '../share/film'
import { checkFolder, defaultFolder, writeFolder } from '../share/folder'
import { replayPage, translatedPicture } from '../share/page'
import { pythonSnippet } from '../share/python'
import { playerScripts } from '../share/scripts'
import { SHARE_FIELDS, type ShareResult } from './fields/sharing'

const EPISODES = 100
/** The names that the Hub takes: docs of huggingface_hub, `validate_repo_id`. */
const REPO = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/

export const share: Command = {
  name: 'share',
  summary: 'Write a trained policy as a folder for the Hugging Face Hub, with a page that plays it.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    out: { value: 'DIR', help: 'The folder; default the name of RUN_OR_POLICY with -shared behind it, next to it.' },
    force: { help: 'Replace what share wrote into the folder before; other files there stay.' },
    repo: {
      value: 'USER/NAME',
      help: 'The name of the repository on the Hub, for the model card. Nothing is uploaded.',
    },
    'no-film': { help: 'Leave replay.mp4 out, which needs a browser to be made.' },
    agent: AGENT_FLAG,
    best: BEST_FLAG,
    ...POLICY_ENV_FLAGS,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'RUN_OR_POLICY is the folder of a run, a policy file or a checkpoint. The folder gets README.md (the model card),\n' +
    'policy.safetensors, policy.onnx, config.json, replay.html (plays the policy in any browser, without a network),\n' +
    'replay.mp4 (an episode, drawn in headless Chrome) and the learning curve of the run.\n' +
    `The policy is evaluated as eval does it: ${EPISODES} episodes, seed ${EVAL_SEED}.\n` +
    'Nothing is uploaded: docs/sharing.md says how.',
  results: { share: SHARE_FIELDS },
  run: runShare,
}

async function runShare(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const [source] = given.positionals
  const repo = readRepo(given)
  const known = await readKnown(given)
  const found = choosePolicy(givenPolicies(given), readAgent(given), known, output.warn)
  const folder = resolve(given.text('out') ?? defaultFolder(source))
  checkFolder(folder, dirname(found.file), given.has('force'))
  const spec = playedEnv(found, known)
  const warning = otherEnv(found, spec, known)
  if (warning) output.warn(warning)
  const picture = translatedPicture(spec)
  if (picture.problem)
    output.warn(`WARNING: without WebGPU replay.html shows numbers and no picture: ${picture.problem}.`)
  const scripts = await playerScripts(spec, known.file)
  const returns = evaluatePolicy(spec, makePolicy(found.policy), EPISODES, EVAL_SEED).map((episode) => episode.return)
  const evaluation = {
    episodes: EPISODES,
    seed: EVAL_SEED,
    meanReturn: average(returns),
    stdReturn: deviation(returns),
  }
  const version = packageVersion()
  const { policy } = found
  const facts = [
    `${score(evaluation)}: mean return and standard deviation of ${EPISODES} episodes with seed ${EVAL_SEED}.`,
  ]
  const isOwn = known.file !== null
  const beginning = beginningOf(dirname(found.file))
  const command = trainCommand(policy, spec, known.file && shownModule(known.file), beginning.policy)
  const files = new Map<string, string | Uint8Array>([
    ['policy.safetensors', policyBytes(found, spec)],
    ['policy.onnx', writeModel(policyModel(policy, policy.environment ?? spec, version))],
    [
      'config.json',
      `${JSON.stringify({ env: spec.id, version, evaluation, command, origin: policy.origin }, null, 2)}\n`,
    ],
    ['replay.html', replayPage(contentsOf(found, spec, picture, facts), scripts, picture.script)],
  ])
  const curve = join(source, 'learning-curve.svg')
  if (isRun(source) && existsSync(curve)) files.set('learning-curve.svg', new Uint8Array(readFileSync(curve)))
  const film = given.has('no-film') ? null : await replayFilm(given, spec, policy)
  if (film) files.set('replay.mp4', film)
  const { library = null, adapter = null, steps = null, seed: trainingSeed = null, config } = policy.origin ?? {}
  const card: CardFacts = {
    ...{ env: spec.id, repo, ...evaluation, library, version, adapter, steps, trainingSeed, command },
    ...{
      settings: changedSettings(policy, spec),
      beginning,
      isImported: policy.origin !== null && !library && !config,
    },
    options: config ?? null,
    snippet: pythonSnippet(policy, { frames: framesOf(spec, policy.shape), isOwn }),
    files: [...files.keys()],
    source: isOwn ? (policy.environment ?? environmentOf(spec)).source : null,
    observations: spec.observation ? `a grid of ${spec.observation.shape.join(' x ')}` : `${obsDim(spec)} numbers`,
    actions: actionsText(spec),
  }
  files.set('README.md', modelCard(card))
  writeFolder(folder, files)
  const sizes = [...files].map(([name, content]) => ({ name, bytes: Buffer.byteLength(content) }))
  const result: ShareResult = { env: spec.id, policy: found.file, out: folder, repo, ...evaluation, files: sizes }
  output.result(inOrder(SHARE_FIELDS, result), told(result, known.file))
  return EXIT.done
}

function readRepo(given: Given): string | null {
  const repo = given.text('repo') ?? null
  if (repo === null || (REPO.test(repo) && !/--|\.\./.test(repo))) return repo
  throw new UsageError(
    `--repo: ${JSON.stringify(repo)} is not the name of a repository. Write USER/NAME, of letters, digits, - _ and .`,
  )
}

/** The folder of a run, and not of a policy that somebody shared. */
const isRun = (path: string): boolean => statSync(path).isDirectory() && existsSync(join(path, 'facts.json'))

function actionsText({ actionSpace: space }: EnvSpec): string {
  if (space.kind === 'box') return `${space.low.length} numbers`
  return space.kind === 'discrete' ? `${space.n} choices` : `choices of ${space.nvec.join(', ')}`
}

function told(result: ShareResult, module: string | null): string {
  const { env, out, files, episodes, repo } = result
  const list = files.map(({ name, bytes }) => `  ${name.padEnd(20)}${count(bytes).padStart(10)} bytes`)
  const name = repo ?? 'USER/NAME'
  return [
    `${env}: ${score(result)} over ${count(episodes)} episodes.`,
    ...list,
    `in ${out}. Look at it: ${commandLine('enjoy', `${quoted(out)}${module === null ? '' : ` --env ${quoted(module)}`}`)}`,
    `Nothing was uploaded. With an account on the Hub: hf auth login, then hf upload ${name} ${quoted(out)}`,
  ].join('\n')
}
