/** `train`: one run, and the folder that it leaves. */
import { networkShape } from '../../src/kernels'
import { layoutNetwork } from '../../src/network'
import { policyFile } from '../../src/policy'
import type { Command, Given } from '../args'
import type { AgentRow } from '../csv'
import { learningCurve } from '../curve'
import { EXIT, HarnessError } from '../errors'
import { gpuMachine, type Machine, referenceMachine } from '../machine'
import { count, makeOutput, type Output } from '../output'
import type { TrainEvent, TrainResult } from '../page/protocol'
import { makeProgress } from '../progress'
import { provenance } from '../provenance'
import { defaultRunPath, openRunDir, type RunDir, weightsHash } from '../rundir'
import { CONFIG_FLAGS, optionList, readAdapter, readSetup, type Setup } from '../setup'
import { onInterrupt } from '../signals'
import { summarise, type TrainSummary } from '../summary'

export const train: Command = {
  name: 'train',
  summary: 'Train a policy on the GPU.',
  flags: {
    ...CONFIG_FLAGS,
    out: { value: 'DIR', help: 'Where to write the run; runs/<env>-s<seed>-<time> unless given.' },
    reference: { help: 'Train with the CPU reference in this process instead of the GPU; for comparison.' },
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  get details() {
    return [
      'The run folder holds config.json, facts.json, metrics.jsonl, metrics.csv, policy.safetensors (agent 0; with several\n' +
        'agents also policy-<k>.safetensors), learning-curve.svg and result.json, which is what --json prints: timesteps,\n' +
        'episodes, episodicReturn and solvedAt are per agent (the mean, with several), wallSeconds is the time of training,\n' +
        'sps counts the steps of all agents. Ctrl-C stops and saves; the exit code is then 75.',
      optionList(),
    ].join('\n\n')
  },
  run: runTrain,
}

async function runTrain(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const setup = readSetup(given)
  const adapter = readAdapter(given)
  const dir = openRunDir(given.text('out') ?? defaultRunPath(setup.spec.id, setup.config.seed))
  const { preset, config, spec } = setup
  dir.json('config', { env: spec.id, preset, config })
  let stop = () => {}
  const interrupt = onInterrupt(() => {
    output.warn('\nStopping after the iterations under way; once more to end at once.')
    stop()
  })
  let machine: Machine | undefined
  try {
    machine = given.has('reference') ? referenceMachine() : await gpuMachine(adapter, output)
    stop = machine.stop
    return await trainOn(machine, setup, dir, output, interrupt.interrupted)
  } finally {
    interrupt.release()
    await machine?.close()
    dir.close()
  }
}

async function trainOn(
  machine: Machine,
  setup: Setup,
  dir: RunDir,
  output: Output,
  interrupted: () => boolean,
): Promise<number> {
  const { spec, config } = setup
  const command = process.argv.slice(2).join(' ')
  dir.json('facts', { ...provenance(), command, ...machine.facts })
  const agents = config.numAgents > 1 ? `${config.numAgents} agents from seed ${config.seed}` : `seed ${config.seed}`
  output.say(`Training ${spec.id}, ${agents}, for up to ${count(config.totalTimesteps)} steps. Writing to ${dir.path}`)
  if (interrupted()) return EXIT.interrupted

  const rows: AgentRow[][] = Array.from({ length: config.numAgents }, () => [])
  const progress = makeProgress(output.stream, config.totalTimesteps)
  let result: TrainResult
  try {
    result = await machine.train(spec, config, ({ rows: back, seconds }) => {
      record(back, setup, rows, dir)
      progress.update(progressState(rows, seconds, config.totalTimesteps))
    })
  } finally {
    progress.end()
  }

  savePolicies(result.params, setup, dir)
  dir.file('learning-curve.svg', learningCurve(spec, rows, machine.adapter))
  const summary = summarise(setup, rows, {
    wallSeconds: result.seconds,
    plan: result.plan,
    dispatchesPerIteration: result.dispatchesPerIteration,
    adapter: machine.adapter,
    out: dir.path,
    weightsHash: weightsHash(result.params),
  })
  const { calls, hostMsPerIteration } = result
  dir.json('result', {
    ...summary,
    interrupted: interrupted(),
    calls,
    hostMsPerIteration,
    commandSeconds: process.uptime(),
  })
  output.result(summary, summaryText(summary, setup))
  failIfDiverged(rows)
  return interrupted() ? EXIT.interrupted : EXIT.done
}

/** Appends what came back, [iteration][agent], to the run folder; an agent that had stopped before has no row. */
function record(back: TrainEvent['rows'], { config }: Setup, rows: AgentRow[][], dir: RunDir): void {
  for (const iteration of back) {
    if (iteration.length !== config.numAgents) {
      throw new HarnessError(`train: rows of ${iteration.length} agents came back, expected ${config.numAgents}.`)
    }
    iteration.forEach((row, agent) => {
      if (!row) return
      const numbered = { agent, seed: (config.seed + agent) >>> 0, ...row }
      rows[agent].push(numbered)
      dir.row(numbered)
    })
  }
}

function progressState(rows: AgentRow[][], seconds: number, total: number) {
  const last = rows.map((agent) => agent.at(-1))
  const timesteps = Math.max(...last.map((row) => row?.timesteps ?? 0))
  const returns = last.flatMap((row) => row?.episodicReturn ?? row?.returnMean ?? [])
  const steps = last.reduce((sum, row) => sum + (row?.timesteps ?? 0), 0)
  return {
    timesteps,
    episodicReturn: returns.length ? returns.reduce((a, b) => a + b, 0) / returns.length : null,
    sps: steps / seconds,
    secondsLeft: ((total - timesteps) * seconds) / timesteps,
  }
}

function savePolicies(params: Float32Array, { spec, config }: Setup, dir: RunDir): void {
  const shape = networkShape(spec, config)
  const stride = layoutNetwork(shape).paramStride
  for (let k = 0; k < config.numAgents; k++) {
    const file = policyFile(spec, shape, params.slice(k * stride, (k + 1) * stride))
    if (k === 0) dir.file('policy.safetensors', file)
    if (config.numAgents > 1) dir.file(`policy-${k}.safetensors`, file)
  }
}

function summaryText(summary: TrainSummary, { spec }: Setup): string {
  const { timesteps, episodes, episodicReturn, solvedAt, wallSeconds, sps, out } = summary
  const solved = solvedAt === null ? 'not solved' : `solved at ${count(solvedAt)} steps`
  const goal = spec.rewardThreshold === null ? '' : ` (${solved}; the threshold is ${spec.rewardThreshold})`
  return [
    episodicReturn === null
      ? 'Fewer than 100 episodes ended.'
      : `Return ${count(episodicReturn, 1)} over the latest 100 episodes${goal}.`,
    `${count(timesteps)} steps, ${count(episodes)} episodes in ${wallSeconds.toFixed(1)} s of training: ${count(sps)} steps/s.`,
    `The run is in ${out}. Evaluate it with: npm run eval -- ${out}`,
  ].join('\n')
}

function failIfDiverged(rows: AgentRow[][]): void {
  for (const [agent, list] of rows.entries()) {
    const row = list.at(-1)
    if (row?.status !== 'notFinite') continue
    const bad = row.notFinite
    const place = bad?.buffer === 'gradients' ? `update ${bad.step}` : `step ${bad?.step}, env ${bad?.env}`
    const where = bad ? `${bad.buffer}[agent ${agent}, ${place}]` : `agent ${agent}`
    throw new HarnessError(
      `train: ${where} is not finite in iteration ${row.iteration}. Use a smaller learningRate or maxGradNorm.`,
      EXIT.diverged,
    )
  }
}
