/** What `train` says of a run that does not learn. */

import type { MetricsRow } from '../../src/metrics'
import type { FindingId, Finding as Found } from '../../src/metrics/diagnosis'
import { diagnose } from '../../src/metrics/diagnosis'
import { keepRow } from '../../src/metrics/progress'
import { agentConfig } from '../../src/options/sweep'
import { count } from '../cli/output'
import type { Setup } from '../setup/setup'

/** Agents that are looked at; the rest costs time, and says no more. */
const MOST_AGENTS = 64

export interface Diagnosis extends Found {
  /** The first timesteps and the last at which an agent showed it. */
  from: number
  until: number
  /** How many agents did. */
  agents: number
}

export interface Diagnosing {
  take(agent: number, row: MetricsRow): void
  /** What was found so far, in the order of its beginning. */
  found(): Diagnosis[]
}

/** @param say Hears of each finding once, when it begins. */
export function makeDiagnosing({ spec, config }: Setup, say: (line: string) => void): Diagnosing {
  const watched = Array.from({ length: Math.min(config.numAgents, MOST_AGENTS) }, (_, agent) => {
    return { rows: [] as MetricsRow[], config: agentConfig(config, agent) }
  })
  const all = new Map<FindingId, Diagnosis & { who: Set<number> }>()
  return {
    take(agent, row) {
      if (agent >= watched.length) return
      const { rows, config } = watched[agent]
      keepRow(rows, row)
      for (const finding of diagnose(rows, config, spec)) {
        const { timesteps } = row
        const known = all.get(finding.id)
        if (known) {
          known.until = Math.max(known.until, timesteps)
          known.who.add(agent)
          continue
        }
        all.set(finding.id, { ...finding, from: timesteps, until: timesteps, agents: 1, who: new Set([agent]) })
        say(`Diagnosis at ${count(timesteps)} steps${watched.length > 1 ? `, agent ${agent}` : ''}: ${finding.text}`)
      }
    },
    found: () => [...all.values()].map(({ who, ...finding }) => ({ ...finding, agents: who.size })),
  }
}

/** Lines for the end of a run. */
export function diagnosisText(found: readonly Omit<Diagnosis, 'id'>[], numAgents: number): string[] {
  return found.map(({ text, link, from, until, agents }) => {
    const who = numAgents > 1 ? `, ${count(agents)} of ${count(Math.min(numAgents, MOST_AGENTS))} agents` : ''
    return `Diagnosis (${count(from)} to ${count(until)} steps${who}): ${text} More: ${link}`
  })
}
