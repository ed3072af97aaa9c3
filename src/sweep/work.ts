/** The work on a batch: on any machine, with any way to reach its GPU. */

import { joinCheckpoints, splitCheckpoint } from '../checkpoint/agents'
import { joinAgents, populationKey } from '../options/population'
import { type Agent, type AgentState, agentState, beginning } from './agent'
import { DoesNotFit, oneLine } from './errors'
import { takeUp } from './found'
import { writeLeft } from './left'
import type { PopulationEvents, Work } from './machine'
import { failed, resultOf } from './result'
import type { Batch } from './types'

export { DoesNotFit } from './errors'
export type { Machine, Population, PopulationEvents, Work } from './machine'

/** How often the population in training is left for others to find. */
const LEAVE_EVERY = { seconds: 20 }

/**
 * Trains the agents of a batch, packed into populations as large as the machine takes. A trial that cannot be trained
 * has a result too: `failed`.
 * @throws AbortError after `signal`; GpuError if the device is lost for good; DoesNotFit if not even one agent fits;
 * what `files` throws. Trials without a result are then still open.
 */
export async function workOn(batch: Batch, work: Work): Promise<void> {
  const agents = await beginnings(batch, work)
  takeUp(agents, work.found ?? [], work.spec, work.machine.fingerprint)
  const open: Agent[] = []
  for (const agent of agents) {
    const { state } = agent
    if (state && isAtEnd(batch, state)) await work.result(await resultOf(batch, agent, state, work))
    else open.push(agent)
  }
  const together = new Map<string, Agent[]>()
  for (const agent of open) {
    const key = `${agent.state?.iterations ?? 'new'} ${populationKey(agent.config)}`
    together.set(key, [...(together.get(key) ?? []), agent])
  }
  for (const group of together.values()) await trainAll(batch, group, work)
}

const isAtEnd = ({ until }: Batch, { status, iterations, config }: AgentState): boolean =>
  status !== 'running' || iterations >= Math.floor(until / (config.numEnvs * config.numSteps))

async function beginnings(batch: Batch, work: Work): Promise<Agent[]> {
  const agents: Agent[] = []
  for (const member of batch.members) {
    const from = member.from && (await work.files.get(member.from))
    try {
      agents.push(beginning(batch, member, from, work.spec, work.machine.fingerprint))
    } catch (error) {
      await work.result(failed(batch, member, error, work))
    }
  }
  return agents
}

/** Agents that can be one population: as few populations of equal size as the machine takes. */
async function trainAll(batch: Batch, agents: Agent[], work: Work): Promise<void> {
  const { spec, machine } = work
  const [{ config, member }] = agents
  let most = machine.fits(spec, config)
  if (most < 1) throw new DoesNotFit(`Not even one agent of trial ${member.trial} fits ${machine.fingerprint.adapter}.`)
  for (let rest = agents; rest.length > 0; ) {
    const part = rest.slice(0, Math.ceil(rest.length / Math.ceil(rest.length / most)))
    work.signal.throwIfAborted()
    try {
      await trainOne(batch, part, work)
    } catch (error) {
      const cause = blame(error)
      if (cause === 'other') throw error
      if (part.length > 1) {
        most = Math.ceil(part.length / 2)
        continue
      }
      if (cause === 'room') throw new DoesNotFit(oneLine(error))
      await work.result(failed(batch, part[0].member, error, work))
    }
    rest = rest.slice(part.length)
  }
}

/** Errors that belong to a trial, by their names: some come from another process. */
const OF_TRIALS = ['ConfigError', 'CheckpointError', 'SafetensorsError', 'SnapshotError', 'ShaderError']

function blame(error: unknown): 'room' | 'trial' | 'other' {
  const { name, code } = (error ?? {}) as { name?: string; code?: string }
  if (code === 'NO_ROOM' || name === 'OutOfMemoryError') return 'room'
  return OF_TRIALS.includes(name ?? '') ? 'trial' : 'other'
}

/** Trains one population to the end of the rung, and gives the result of each agent. */
async function trainOne(batch: Batch, agents: Agent[], work: Work): Promise<void> {
  const { spec, machine, signal } = work
  const config = joinAgents(agents.map((agent) => agent.config))
  const from = agents[0].state
    ? joinCheckpoints(
        agents.map(({ state }) => state!.bytes),
        spec,
      )
    : undefined
  const before = agents.map(({ seconds }) => seconds)
  const events = listen(agents, config.numEnvs * config.numSteps, work)
  const population = { spec, config, from, untilTimesteps: batch.until, checkpointEvery: LEAVE_EVERY }
  const start = performance.now()
  const bytes = await machine.train(population, events, signal).catch(async (error) => {
    await events.left()
    throw error
  })
  const seconds = (performance.now() - start) / 1000
  const ends = splitCheckpoint(bytes, spec).map((own) => agentState(own, spec))
  if (!ends.every((state) => isAtEnd(batch, state))) throw new Error('The training ended before the end of the rung.')
  for (const [k, state] of ends.entries()) {
    const agent = { ...agents[k], seconds: before[k] + seconds / agents.length }
    await work.result(await resultOf(batch, agent, state, work))
  }
}

/** `left` resolves when what came last is there for others. */
function listen(agents: readonly Agent[], batchSize: number, work: Work): PopulationEvents & { left(): Promise<void> } {
  const { fingerprint } = work.machine
  const before = agents.map(({ seconds }) => seconds)
  const passed = agents.map(({ state }) => state?.iterations ?? 0)
  let elapsed = 0
  let steps = 0
  let leaving: Promise<void> | null = null
  return {
    rows(rows, seconds) {
      elapsed = seconds
      for (const [k, row] of rows.flatMap((iteration) => [...iteration.entries()])) {
        if (!row || row.iteration <= passed[k]) continue
        passed[k] = row.iteration
        steps += batchSize
        agents[k].curve.add(row)
      }
      if (seconds > 0) work.speed?.(steps / seconds, agents.length)
    },
    checkpoint(checkpoint) {
      // While one is on its way another one is not worth it, unless it is the last one.
      if (!work.leave || (leaving && !work.signal.aborted)) return
      const leave = work.leave
      const left = {
        fingerprint,
        mixed: agents.map(({ mixed }) => mixed),
        trials: agents.map(({ member }) => member.trial),
        seconds: before.map((seconds) => seconds + elapsed / agents.length),
        curves: agents.map(({ curve }) => curve.list),
      }
      // Without it another worker only begins earlier; a connection that is gone shows at the next result.
      const one: Promise<void> = Promise.resolve(leaving)
        .then(() => leave(writeLeft(left, checkpoint)))
        .catch(() => undefined)
        .finally(() => {
          if (leaving === one) leaving = null
        })
      leaving = one
    },
    left: () => Promise.resolve(leaving ?? undefined),
  }
}
