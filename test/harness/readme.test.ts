/**
 * Runs every command in README.md and the pages of docs/. Training is shortened to a moment on the CPU reference;
 * commands that take minutes in a browser run until the browser starts, which is missing: by then all options and files
 * have been read.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { emptyCheckpoint } from '../support/checkpoint'
import { type Finished, runCli } from '../support/cli'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
const text = pages
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(root, name), 'utf8'))
  .join('\n\n')

/** Commands that another test runs: the file, and the text in it. */
const ELSEWHERE: Record<string, [file: string, text: string]> = {
  'npm install': ['test/support/packed.ts', "npm(project, 'install'"],
  'npm test': ['.ci/run', 'npm test'],
  'npm run test:slow': ['.ci/run', 'npm run test:slow'],
  'npm run tables': ['test/unit/docs.test.ts', 'withTables(text)'],
  'npm run sweep -- --simulate 1000000 --workers 10000': ['test/unit/sweepscale.test.ts', 'simulateSizes('],
  'npm run docs': ['test/harness/site.slow.test.ts', 'beforeAll(buildDocs'],
  'npm run gallery': ['test/harness/gallery.slow.test.ts', 'buildGallery('],
  'npm run gallery -- RUN': ['test/unit/gallery.test.ts', 'addRun('],
  'npm run screenshots -- gallery': ['test/harness/gallery.slow.test.ts', 'galleryMovie('],
  'npm run check': ['.ci/run', 'npm run check'],
  'npm run build': ['test/harness/awkward.test.ts', "run(path, 'build')"],
  'npm start -- --env examples/pointmass/spec.ts': ['test/lab/served.slow.test.ts', "start('--env', SPEC"],
  'npm start': ['test/harness/awkward.test.ts', 'harness/start.js'],
  'npm pack': ['test/support/packed.ts', "npm(source, 'pack'"],
  'npm run pack': ['test/harness/bare.slow.test.ts', "['pack', '--out', archive]"],
  'npm run pack -- --out pack.tar.gz': ['test/harness/bare.slow.test.ts', "['pack', '--out', archive]"],
  'npm run worker -- --nats nats://127.0.0.1:4222': ['test/harness/nats.test.ts', 'startWorker(choiceOf(server)'],
  'npm run worker -- --nats tls://nats.lan:4222 --nats-ca rootCA.pem': [
    'test/harness/nats.test.ts',
    'startWorker(choiceOf(server)',
  ],
  "npm run sweep -- --nats nats://127.0.0.1:4222 --trials 64 --set 'learningRate=loguniform(1e-4,1e-2)'": [
    'test/harness/nats.test.ts',
    'openPool(choiceOf(server))',
  ],
  "npm run sweep -- --nats tls://nats.lan:4222 --nats-ca rootCA.pem --trials 512 --set 'learningRate=loguniform(1e-4,1e-2)'":
    ['test/harness/nats.test.ts', 'openPool(choiceOf(server))'],
  'npx ppo-webgpu worker': ['test/harness/nats.test.ts', 'startWorker(choiceOf(server)'],
  'npm run train -- --list-adapters': ['test/harness/node.test.ts', "'train', '--list-adapters'"],
  'npm run new-env -- NAME': ['test/harness/newenv.test.ts', "cli('new-env', name"],
  'npm run new-env -- my-game': ['test/harness/newenv.test.ts', "cli('new-env', name"],
  'npm install webgpu': ['test/harness/pack.test.ts', 'Run `npm install webgpu`.'],
  'npx ppo-webgpu <command>': ['test/harness/pack.test.ts', "'.bin', 'ppo-webgpu'"],
  'npm run <command> -- --help': ['test/harness/cli.test.ts', "'%s --help'"],
}
/** No command, but the name of one. */
const NAMES = ['npm run']

/** In code blocks, without the description after two spaces; and in the text. */
function commandsIn(text: string): string[] {
  const blocks = text.matchAll(/^ {4}(?:.*&& )?((?:npm|npx) .*?)(?: {2,}.*)?$/gm)
  const inline = text.replace(/^ {4}.*$/gm, '').matchAll(/`((?:npm|npx)\s[^`]+)`/g)
  const all = [...blocks, ...inline].map(([, command]) => command.replace(/\s+/g, ' ').trim())
  return [...new Set(all)].filter((command) => !NAMES.includes(command))
}

/** The words of a command line, as a shell reads them: only single quotes occur. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))

/** Placeholders in commands, and their values. */
const PLACEHOLDERS: [RegExp, string][] = [
  [/^(RUN|RUN_OR_POLICY|runs\/first|runs\/CartPole-v1-s1-\d+-\d+)$/, path('run')],
  [/^(ppo-cartpole-)?policy\.safetensors$/, path('run', 'policy.safetensors')],
  [/^ppo-(cartpole|pendulum)\.zip$/, 'test/golden/imported/ppo_$1.zip'],
  [/^vec_normalize\.safetensors$/, 'test/golden/imported/vec_normalize.safetensors'],
  [/^agent\.safetensors$/, 'test/golden/imported/cleanrl_cartpole.safetensors'],
  [/^KEY=VALUE$/, 'gamma=0.9'],
  [/^DUMP$/, 'test/golden/gae.safetensors'],
  [/^<id>$/, 'Pendulum-v1'],
  [/^K$/, '1'],
]
/** `[--out FILE]` is given; `[FILE]...` is left out. */
const argumentsOf = (command: string): string[] =>
  wordsOf(command.replace(/\[(FILE|RUN_OR_FOLDER)\](\.\.\.)?/g, '').replace(/[[\]]/g, ''))
    .slice(2)
    .filter((word) => word !== '--')
    .map((word) => PLACEHOLDERS.reduce((text, [pattern, value]) => text.replace(pattern, value), word))

const withValue = (args: string[], flag: string, value: string): string[] =>
  args.includes(flag) ? args.map((arg, i) => (args[i - 1] === flag ? value : arg)) : [...args, flag, value]

let runs = 0
/** A moment of training on the CPU, in a folder of its own. */
function shortened(given: string[]): string[] {
  let args = withValue(given, '--total-timesteps', '128')
  for (const [flag, value] of [
    ['--num-envs', '4'],
    ['--num-steps', '16'],
    ['--out', path(`run-${runs++}`)],
  ]) {
    args = withValue(args, flag, value)
  }
  // A network that is a list has no widths besides.
  const isMlp = !args.some((arg) => /^(network=|MinAtar\/)/.test(arg))
  const small = ['numMinibatches=2', 'updateEpochs=1', ...(isMlp ? ['hidden=8'] : [])].filter(
    (pair) => !args.some((arg) => arg.startsWith(pair.slice(0, pair.indexOf('=') + 1))),
  )
  return [...args, ...small.flatMap((pair) => ['--set', pair]), '--reference']
}

const noBrowser = { PPO_WEBGPU_CHROME: path('no-browser') }
/** Everything was read, and a browser was about to start. */
function expectNoBrowser({ code, stderr }: Finished): void {
  expect(stderr).toMatch(/^error: PPO_WEBGPU_CHROME: /)
  expect(code).toBe(2)
}
function expectDone({ code, stderr }: Finished): void {
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
}

/** How each command is run. */
const WAYS: Record<string, (args: string[]) => Promise<void>> = {
  async train(args) {
    const at = args.indexOf('--resume')
    if (at < 0) return expectDone(await runCli(['train', ...shortened(args)]))
    // Continuing from it is tested in resume.test.ts.
    args[at + 1] = path('resumable')
    expectNoBrowser(await runCli(['train', ...args], noBrowser))
  },
  learn: async (args) => expectDone(await runCli(['learn', ...shortened(args)])),
  async sweep(args) {
    const { code, stderr } = await runCli(['sweep'])
    expect({ code, told: stderr.includes('--set: nothing is searched') }).toEqual({ code: 2, told: true })
    if (args.length === 0) return
    expectNoBrowser(await runCli(['sweep', ...withValue(args, '--out', path(`sweep-${runs++}`))], noBrowser))
  },
  async worker() {
    const { code, stderr } = await runCli(['worker'])
    expect({ code, told: stderr.includes('--nats is missing') }).toEqual({ code: 2, told: true })
  },
  eval: async (args) => expectDone(await runCli(['eval', ...args])),
  record: async (args) => expectNoBrowser(await runCli(['record', ...withValue(args, '--agent', '0')], noBrowser)),
  export: async (args) => expectDone(await runCli(['export', ...withFile(args)])),
  async import(args) {
    const model = ['test/golden/imported/ppo_cartpole.zip', '--env', 'CartPole-v1']
    const given = args[0] === 'FILE' ? model : args
    expectDone(await runCli(['import', ...given, '--out', path(`imported-${runs++}`)]))
  },
  share: async (args) =>
    expectDone(await runCli(['share', ...withValue(args, '--out', path(`shared-${runs++}`)), '--no-film'])),
  // It serves until it is ended: test/harness/share.test.ts.
  async enjoy(args) {
    const { code, stderr } = await runCli([
      'enjoy',
      ...args.filter((arg) => arg !== path('run')),
      path('none'),
      '--no-open',
    ])
    expect({ code, told: stderr.includes('there is no such run or policy file') }).toEqual({ code: 2, told: true })
  },
  async compare(args) {
    if (args.length === 0) return expectNoBrowser(await runCli(['compare'], noBrowser))
    const sizes = ['--num-envs', '4', '--num-steps', '16', '--set', 'numMinibatches=2', '--set', 'hidden=8']
    const soonCompiled = ['--set', 'plan=layered']
    expectDone(await runCli(['compare', ...args, ...sizes, ...soonCompiled]))
  },
  async runs(args) {
    const named = args.map((arg) => (/^(A|B|runs\/[ab])$/.test(arg) ? path('run') : arg))
    const files = named.map((arg) => (arg.endsWith('.svg') ? path(`curves-${runs++}.svg`) : arg))
    const { code, stderr } = await runCli(['runs', ...(args.length > 0 ? files : [path('run')])])
    // The run is too short for a curve.
    const told = args.includes('--plot') ? stderr.includes('--plot: no run here has a curve') : stderr === ''
    expect({ code, told }, stderr).toEqual({ code: args.includes('--plot') ? 2 : 0, told: true })
  },
  async verify(args) {
    if (args.length === 0) expectNoBrowser(await runCli(['verify'], noBrowser))
    else expectDone(await runCli(['verify', ...args]))
  },
  'check-env': async (args) => expectNoBrowser(await runCli(['check-env', ...args], noBrowser)),
  soak: async (args) => {
    const { code, stderr } = await runCli(['soak', ...args, '--fault', 'none'], noBrowser)
    expect({ code, told: stderr.includes('--fault: "none" is not one of') }).toEqual({ code: 2, told: true })
  },
  // It would download compilers, and take minutes: test/harness/compilereport.slow.test.ts.
  async 'compile-report'(args) {
    const { code, stderr } = await runCli(['compile-report', ...args, '--family', 'none'])
    expect({ code, told: stderr.includes('--family: "none"') || stderr.includes('none') }).toEqual({
      code: 2,
      told: true,
    })
  },
  async screenshots() {
    const script = join(root, 'test/lab/screenshots.js')
    const { status, stderr } = spawnSync(process.execPath, [script], {
      env: { ...process.env, ...noBrowser },
      encoding: 'utf8',
    })
    expect({ status, told: stderr.includes('PPO_WEBGPU_CHROME: ') }, stderr).toEqual({ status: 1, told: true })
  },
  async bench(args) {
    // Another checkout would be built first; and while tests run, the machine is busy.
    const known = withValue(args, '--against', root).slice(0, args.includes('--against') ? undefined : -2)
    const started = args.includes('--record') ? [...known, '--busy'] : known
    if (!args.includes('--rivals')) return expectNoBrowser(await runCli(['bench', ...started], noBrowser))
    // It would install the rivals first.
    const { code, stderr } = await runCli(['bench', ...args, '--from', 'x.json'])
    expect({ code, told: stderr.includes('--rivals: measures, and --from does not') }).toEqual({ code: 2, told: true })
  },
}
const withFile = (args: string[]) => args.map((arg) => (arg === 'FILE' ? path(`model-${runs++}.onnx`) : arg))

const COMMANDS = commandsIn(text)

beforeAll(async () => {
  await buildCli()
  const train = [
    'train',
    ...['--num-agents', '4', '--set', 'evalEvery=1', '--set', 'evalEpisodes=2'],
    ...shortened([]).filter((_, i, all) => all[i] !== '--out' && all[i - 1] !== '--out'),
  ]
  expectDone(await runCli([...train, '--out', path('run')]))
  mkdirSync(path('resumable'))
  writeFileSync(path('resumable', 'checkpoint-0000000100.safetensors'), emptyCheckpoint(100, 2))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the commands are found, as they are written', () => {
  expect(COMMANDS.length).toBeGreaterThan(35)
  for (const command of [
    'npm run train',
    "npm run train -- --num-agents 8 --set 'learningRate=log(1e-4,1e-2)' --set 'seed=range(0,8)'",
    'npm run pack -- --out pack.tar.gz',
    'npm run train -- --resume RUN --total-timesteps 1_000_000',
    'npm run verify -- DUMP',
  ]) {
    expect(COMMANDS).toContain(command)
  }
  expect(commandsIn('\n    cd x && npm run train -- --a b   a remark\n\nand `npx\nppo-webgpu x`.\n')).toEqual([
    'npm run train -- --a b',
    'npx ppo-webgpu x',
  ])
  expect(argumentsOf("npm run train -- --set 'a=log(1, 2)' [--agent K] [FILE]...")).toEqual([
    ...['train', '--set', 'a=log(1, 2)', '--agent', '1'],
  ])
})

describe('runs', { timeout: 120_000 }, () => {
  test.each(COMMANDS.filter((command) => !Object.hasOwn(ELSEWHERE, command)))('%s', async (command) => {
    const [npm, run] = wordsOf(command)
    const [name, ...args] = argumentsOf(command)
    const way = npm === 'npm' && run === 'run' && Object.hasOwn(WAYS, name) ? WAYS[name] : undefined
    if (!way) throw new Error(`nothing runs ${command}: add it to WAYS or ELSEWHERE of this test`)
    await way(args)
  })
})

test.each(Object.entries(ELSEWHERE).filter(([command]) => COMMANDS.includes(command)))(
  '%s is run elsewhere',
  (_, [file, text]) => {
    expect(existsSync(join(root, file))).toBe(true)
    expect(readFileSync(join(root, file), 'utf8').includes(text)).toBe(true)
  },
)
