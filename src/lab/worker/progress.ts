/** The status of a run, from the metrics rows that are read back. */
import type { MetricsRow } from '../../metrics'
import { keepRow } from '../../metrics/progress'
import type { AgentStatus, IterationSummary, Standing } from '../protocol'
import { summarise } from './summary'

/** Time window for steps per second. */
const SPS_WINDOW_MS = 3000

/** What happened since the last message to the page. */
export interface News {
  iterations: IterationSummary[]
  /** Latest return of every agent. */
  scores: (number | null)[]
}

export class Progress {
  private readonly latest: (MetricsRow | null)[]
  private readonly scores: (number | null)[]
  /** Of agent 0: the first and the latest. */
  readonly rows: MetricsRow[] = []
  private news: IterationSummary[] = []
  /** Times at which iterations came back, and the iterations until then. */
  private pace: { time: number; iterations: number }[] = []

  constructor(numAgents: number) {
    this.latest = Array.from({ length: numAgents }, () => null)
    this.scores = this.latest.map(() => null)
  }

  /** No agent is training any more. */
  get stopped(): boolean {
    return this.latest.every((row) => row !== null && row.status !== 'running')
  }

  /** Training starts, or continues, after `iterations`. */
  begin(iterations: number): void {
    this.pace = [{ time: performance.now(), iterations }]
  }

  /** Rows of the last of `iterations`, [iteration][agent]. */
  take(rows: (MetricsRow | null)[][], iterations: number): void {
    for (const agents of rows) {
      agents.forEach((row, agent) => {
        if (row) this.latest[agent] = row
        if (row && agent === 0) keepRow(this.rows, row)
        if (row) this.scores[agent] = row.episodicReturn ?? row.returnMean ?? this.scores[agent]
      })
      const summary = summarise(agents)
      if (summary) this.news.push(summary)
    }
    const now = performance.now()
    this.pace.push({ time: now, iterations })
    while (this.pace.length > 2 && this.pace[1].time < now - SPS_WINDOW_MS) this.pace.shift()
  }

  takeNews(): News {
    const iterations = this.news
    this.news = []
    return { iterations, scores: this.scores }
  }

  /** @param playing Whether training runs: otherwise there is no speed. */
  standing(
    iterations: number,
    sizes: { batchSize: number; numAgents: number },
    playing: boolean,
  ): Omit<Standing, 'fps' | 'drawn' | 'submit' | 'diagnosis'> {
    const { batchSize, numAgents } = sizes
    const agents: Record<AgentStatus, number> = { running: 0, finished: 0, solved: 0, notFinite: 0 }
    for (const row of this.latest) agents[row?.status ?? 'running']++
    const [first, last] = [this.pace.at(0), this.pace.at(-1)]
    const trained = first && last ? (last.iterations - first.iterations) * batchSize * numAgents : 0
    const bad = this.latest.find((row) => row?.notFinite)?.notFinite
    return {
      iterations,
      timesteps: iterations * batchSize,
      sps: playing && trained > 0 ? (trained / (last!.time - first!.time)) * 1000 : null,
      playing,
      agents,
      solvedAt: this.latest[0]?.solvedAt ?? null,
      notFinite: bad ? `${bad.buffer}, step ${bad.step}, environment ${bad.env}` : null,
    }
  }
}
