/** `sweep`: searches hyperparameters, and trains the best again over fresh seeds. */
import { join, relative, resolve } from 'node:path'
import { MOST_MEMBERS } from '../../src/sweep/check'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { commandLine } from '../cli/invocation'
import { makeOutput } from '../cli/output'
import { ACK_WAIT_FLAG, NATS_FLAG, NATS_FLAGS, reachedBy, readNats } from '../nats/address'
import { safeName } from '../rundir/place'
import { optionList } from '../setup/options'
import { announceAdapter, readInteger, readRuntime } from '../setup/setup'
import { folderStore } from '../sweep/filestore'
import { readSweep, SWEEP_FLAGS, type SweepSetup } from '../sweep/flags'
import { FILES, openSweepFolder } from '../sweep/folder'
import { localPool } from '../sweep/localpool'
import { openMachine } from '../sweep/machine'
import { openLivePage } from '../sweep/page'
import { summaryText } from '../sweep/report'
import { type OpenedPool, runSweepSession } from '../sweep/session'
import { SCALE_FIELDS, SWEEP_FIELDS } from './fields/sweep'
import { SIMULATE_FLAGS, simulateSweeps } from './simulate'

export const sweep: Command = {
  name: 'sweep',
  summary: 'Search hyperparameters: many trials, halved again and again; the best over fresh seeds.',
  flags: {
    ...SWEEP_FLAGS,
    nats: { ...NATS_FLAG, help: `Let the workers of this server train. ${NATS_FLAG.help}` },
    ...NATS_FLAGS,
    'nats-ack-wait': ACK_WAIT_FLAG,
    out: { value: 'DIR', help: 'The folder of the sweep; default runs/<env>-sweep-<hash of what it is>.' },
    page: {
      value: 'PORT',
      optionalValue: true,
      help: 'Show the live table also as a page on this machine; without PORT the system chooses one.',
    },
    ...SIMULATE_FLAGS,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  get details() {
    return [
      'A form in --set or --env-set is searched: docs/sweeps.md has their table. Each trial is one agent; agents of one shape\n' +
        'train side by side. After each rung the best go on, from their checkpoints. Those that came furthest are trained\n' +
        'again with seeds that the search did not use, and judged by those. The folder holds sweep.json, results.jsonl,\n' +
        'result.json, which is what --json prints, results.csv, parallel.svg, scatter.svg and policies/.\n' +
        'Ctrl-C stops; the exit code is 75, and the same command goes on, also after a crash. Another command never uses the\n' +
        'same folder. When the sweep is over, the same command prints the result again.',
      optionList('numAgents'),
    ].join('\n\n')
  },
  results: { sweep: SWEEP_FIELDS, 'sweep --simulate': SCALE_FIELDS },
  run: runSweep,
}

async function runSweep(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  if (given.has('simulate')) return simulateSweeps(given, Object.keys(sweep.flags), output)
  if (given.has('workers')) throw new UsageError('--workers: is for --simulate. Real workers are there or not.')
  const choice = readRuntime(given)
  const server = given.has('nats') ? readNats(given) : null
  const port = given.text('page') === '-' ? 0 : readInteger(given, 'page', 0, 1, 65535)
  const setup = await readSweep(given)
  const out = placeOf(given, setup)
  const folder = openSweepFolder(resolve(out), setup.definition)
  try {
    const page = given.has('page') ? await openLivePage(port) : null
    try {
      const { definition, spec } = setup
      const batch = server
        ? Math.min(setup.batch ?? batchForMany(definition.trials), MOST_MEMBERS)
        : (setup.batch ?? (definition.asha ? ASHA_BATCH : MOST_BATCH))
      const announce = (results: number, isOver: boolean) => {
        output.say(
          `Sweep ${setup.id} of ${spec.id}: ${definition.trials} trials by ${definition.method}, ${definition.rungs} ${definition.rungs === 1 ? 'rung' : 'rungs'}. Writing to ${out}`,
        )
        if (isOver) output.say(`It is over: all ${results} results are there.`)
        else if (results > 0) output.say(`It goes on: ${results} results are there.`)
        if (page) output.say(`The live table is at ${page.url}`)
      }
      const onThisMachine = async (): Promise<OpenedPool> => {
        const machine = await openMachine(choice, output.warn)
        announceAdapter(output, machine.facts)
        const files = folderStore(join(folder.path, FILES))
        const room = definition.asha ? batch : Number.POSITIVE_INFINITY
        const pool = localPool(machine, spec, { files, folder: join(folder.path, FILES), room })
        return { pool, close: machine.close }
      }
      const onOthers = async (): Promise<OpenedPool> => {
        // Only here: these libraries would slow down the start of every command.
        const { natsPool } = await import('../nats/pool')
        output.say(`Workers train it. Start them with: ${commandLine('worker', reachedBy(given, server!))}`)
        return { pool: natsPool(server!, output.warn), close: async () => undefined }
      }
      const summary = await runSweepSession({
        ...{ setup, folder, output, page, batch, announce },
        open: server ? onOthers : onThisMachine,
      })
      if (!summary) {
        output.warn('The same command goes on.')
        return EXIT.interrupted
      }
      output.result(inOrder(SWEEP_FIELDS, summary), summaryText(summary))
      return EXIT.done
    } finally {
      await page?.close()
    }
  } finally {
    folder.close()
  }
}

/** With as many the machine is soon full; its memory decides. */
const MOST_BATCH = 4096
/** Small, so that many workers share a rung; a worker with room takes several. */
const batchForMany = (trials: number): number => Math.min(64, Math.ceil(trials / 32))
/** Smaller, so that trials are promoted while others train. */
const ASHA_BATCH = 64

function placeOf(given: Given, { spec, id }: SweepSetup): string {
  const out = given.text('out')
  if (out === '') throw new UsageError('--out: its value is empty. Name a folder.')
  return out ?? relative('', resolve('runs', `${safeName(spec.id)}-sweep-${id.slice(0, 8)}`))
}
