/** `worker`: trains batches of other machines' sweeps, which it gets from a NATS server. */
import { ENVS } from '../../envs/registry'
import type { EnvSpec } from '../../src/env/contract'
import type { WorkerStatus } from '../../src/sweep/types'
import { workOn } from '../../src/sweep/work'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { count, makeOutput, type Output } from '../cli/output'
import { onInterrupt } from '../cli/signals'
import { NATS_FLAG, NATS_FLAGS, readNats } from '../nats/address'
import { modulesEnvs, splitModule } from '../setup/environment'
import { announceAdapter, RUNTIME_FLAGS, readInteger, readRuntime } from '../setup/setup'
import { openMachine } from '../sweep/machine'

export const worker: Command = {
  name: 'worker',
  summary: 'Train for sweeps of other machines: take their batches from a NATS server, and give the results back.',
  flags: {
    nats: NATS_FLAG,
    ...NATS_FLAGS,
    env: {
      value: 'FILE',
      multiple: true,
      help: 'An environment of your own that it may train, as of train; it has the built-in ones. May be given several times.',
    },
    ...RUNTIME_FLAGS,
    'leave-when-idle': { value: 'SECONDS', help: 'End after so long without work; unless given it waits for ever.' },
  },
  details:
    'It takes batches that fit its adapter, until Ctrl-C: then it stores where it is and gives its work back, and another\n' +
    'worker goes on from there. A server that goes away is waited for. A batch has no code: it names an environment by its\n' +
    'id and a hash of its WGSL, and a worker that has no such environment leaves it to others. docs/many-machines.md says\n' +
    'how a server is set up, what workers may do there, and what is trusted.\n' +
    'The exit code is 0 after --leave-when-idle, 75 after Ctrl-C, 3 without a usable WebGPU, 5 if the GPU was lost for good.',
  run: runWorker,
}

async function runWorker(given: Given): Promise<number> {
  const output = makeOutput(false)
  if (!given.has('nats')) throw new UsageError('--nats is missing. Name the server: --nats nats://HOST:4222.')
  const server = readNats(given)
  const choice = readRuntime(given)
  const leaveWhenIdle = given.has('leave-when-idle') ? readInteger(given, 'leave-when-idle', 0, 1, 1e6) : undefined
  const envs = [...(await ownEnvs(given.all('env'))), ...ENVS]
  // Only here: these libraries would slow down the start of every command.
  const { connectNats, whyEnded } = await import('../nats/connect')
  const { workForSweeps } = await import('../../src/nats/worker')
  const stop = new AbortController()
  const { interrupted, release } = onInterrupt(() => {
    output.warn('\nGiving the work back; once more to end at once.')
    stop.abort()
  })
  try {
    const nc = await connectNats(server, output.warn)
    try {
      const machine = await openMachine(choice, output.warn)
      announceAdapter(output, machine.facts)
      try {
        output.say(`Working for ${server.host}. Ctrl-C gives the work back.`)
        const tell = { nc, machine, kind: 'command' as const, envs, say: output.warn, status: teller(output) }
        const trials = await workForSweeps({ ...tell, leaveWhenIdle, workOn, signal: stop.signal }).catch((error) => {
          throw nc.isClosed() ? whyEnded(nc, error, server) : error
        })
        output.say(`Gave the results of ${count(trials)} trials.`)
      } finally {
        await machine.close()
      }
    } finally {
      await nc.close()
    }
  } finally {
    release()
  }
  return interrupted() ? EXIT.interrupted : EXIT.done
}

async function ownEnvs(given: readonly string[]): Promise<EnvSpec[]> {
  const specs: EnvSpec[] = []
  for (const text of given) {
    const module = splitModule(text)
    if (!module) {
      throw new UsageError(
        `--env: ${JSON.stringify(text)} is not a file. The built-in environments need no --env here.`,
      )
    }
    for (const { spec } of await modulesEnvs('--env', module)) specs.push(spec)
  }
  return specs
}

/** A line for each new piece of work. */
function teller(output: Output): (status: WorkerStatus) => void {
  let told = ''
  return ({ sweep, trials, rung, given }) => {
    const line =
      sweep === null
        ? `Waiting for work. Gave the results of ${count(given)} trials so far.`
        : `Training ${count(trials)} ${trials === 1 ? 'trial' : 'trials'} of sweep ${sweep.slice(0, 8)}, rung ${rung + 1}.`
    if (line !== told) output.say(line)
    told = line
  }
}
