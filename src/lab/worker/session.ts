/** One run in the Worker: it trains, and gives what is drawn and shown of it. */

import { findEnv } from '../../../envs/registry'
import { derivedSizes, type PpoConfig } from '../../config/config'
import type { EnvSpec } from '../../env/contract'
import type { Gpu } from '../../gpu/device'
import { patiently } from '../../gpu/patience'
import { readBuffer } from '../../gpu/readback'
import type { MetricsRow } from '../../metrics'
import { actionScale } from '../../model/actions'
import { networkShape } from '../../model/network'
import { policyFile } from '../../policy/policyfile'
import { createRun } from '../../run/createrun'
import { readNormalisers } from '../../run/hyper'
import { destroyRun, type Run } from '../../run/run'
import { restoreSnapshot, snapshotBytes, takeSnapshot } from '../../run/snapshot'
import { Trainer } from '../../run/trainer'
import { writeFirstWeights, writeWeights } from '../../run/weights'
import type { AgentStatus, IterationSummary, RunChoice, Snapshot, Standing, ViewChoice, Weights } from '../protocol'
import { RatioHistogram } from './histogram'
import { applyLive } from './live'
import { type Drawn, Scene } from './scene'
import { SubmitLimit } from './submits'
import { summarise } from './summary'
import { Watch } from './watch'

/** Steps per second are measured over so many milliseconds. */
const SPS_WINDOW_MS = 3000

/** Larger runs are not kept: a reload begins them anew. */
const MOST_SNAPSHOT_BYTES = 64 * 2 ** 20

/** What happened since the page was told last. */
export interface News {
  iterations: IterationSummary[]
  /** Latest return of every agent. */
  scores: (number | null)[]
}

export class Session {
  private readonly limit: SubmitLimit
  private watch: Watch | undefined
  private histogram: RatioHistogram | undefined
  private scene: Scene | undefined
  /** What pictures and numbers beside training need is compiled while it trains already. */
  private furnishing: Promise<void> = Promise.resolve()
  private latest: (MetricsRow | null)[]
  private scores: (number | null)[]
  private news: IterationSummary[] = []
  /** Times at which iterations came back, and the iterations until then. */
  private pace: { time: number; iterations: number }[] = []
  private abort: AbortController | undefined
  private loop: Promise<void> | undefined
  private iterationsPerSecond = 0
  private closed = false

  private constructor(
    readonly gpu: Gpu,
    readonly spec: EnvSpec,
    readonly run: Run,
    readonly trainer: Trainer,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.latest = Array.from({ length: run.sizes.numAgents }, () => null)
    this.scores = this.latest.map(() => null)
    this.limit = new SubmitLimit(run.flopsPerDispatch)
    trainer.onSubmit = (flops) => {
      const over = patiently(gpu.device, 'training', gpu.device.queue.onSubmittedWorkDone())
      this.limit.submitted(flops, over).then(
        () => this.shareGpu(),
        () => undefined, // a lost device is told elsewhere
      )
    }
    trainer.turn = () => this.limit.turn()
    this.shareGpu()
  }

  /** Submits of the size that the limit allows; pictures wait in the same queue behind what has been submitted. */
  private shareGpu(): void {
    const { trainer, limit, gpu } = this
    const perIteration = trainer.work.flopsPerIteration
    trainer.work.flopsPerSubmit = limit.flops
    trainer.iterationsAtOnce = Math.max(1, Math.floor(limit.flops / perIteration))
    trainer.inFlight = gpu.software || (limit.visible && perIteration > 2 * limit.flops) ? 1 : 3
  }

  set visible(visible: boolean) {
    this.limit.visible = visible
    this.shareGpu()
  }

  static async open(
    gpu: Gpu,
    choice: RunChoice,
    onFailure: (error: unknown) => void,
    from: { weights?: Weights; snapshot?: Snapshot },
  ): Promise<Session> {
    const spec = findEnv(choice.env)
    const { config } = choice
    const shape = networkShape(spec, config)
    // On a software adapter every iteration is long: what one readback carries is what a pause waits for.
    const iterationsPerSubmit = gpu.software ? 1 : 'auto'
    const run = await createRun(gpu, { spec, shape, config, iterationsPerSubmit })
    const trainer = new Trainer(run)
    const { weights, snapshot } = from
    if (snapshot && restoreSnapshot(run, snapshot)) trainer.resume(snapshot.iterations)
    else if (weights) writeWeights(run, weights)
    else await writeFirstWeights(run)
    return new Session(gpu, spec, run, trainer, onFailure)
  }

  /** Begins to make what draws on textures of `format`, and what is shown beside training. */
  furnish(format: GPUTextureFormat, view: ViewChoice): void {
    this.furnishing = this.addPictures(format, view).catch(this.onFailure)
  }

  private async addPictures(format: GPUTextureFormat, view: ViewChoice): Promise<void> {
    const { device } = this.gpu
    const [scene] = await Promise.all([Scene.create(device, this.spec, format), this.addWatch(view)])
    this.scene = scene
    if (!this.closed) this.histogram = await RatioHistogram.create(this.run)
  }

  get config(): PpoConfig {
    return this.run.config
  }
  get playing(): boolean {
    return this.abort !== undefined
  }
  private get done(): boolean {
    const { numIterations } = derivedSizes(this.config)
    const stopped = this.latest.every((row) => row !== null && row.status !== 'running')
    return stopped || this.trainer.iterations >= numIterations
  }

  setPace(iterationsPerSecond: number): void {
    this.iterationsPerSecond = iterationsPerSecond
  }

  /** Trains until `pause`, the end of the run, or `iterations` more. */
  async play(iterations = Number.POSITIVE_INFINITY): Promise<void> {
    await this.pause()
    if (this.done || this.closed) return
    this.abort = new AbortController()
    this.pace = [{ time: performance.now(), iterations: this.trainer.iterations }]
    this.loop = this.train(this.trainer.iterations + iterations, this.abort.signal)
      .catch(this.onFailure)
      .finally(() => {
        this.abort = undefined
      })
    if (Number.isFinite(iterations)) await this.loop
  }

  /** Resolves when nothing of the run is on its way any more. */
  async pause(): Promise<void> {
    this.abort?.abort()
    await this.loop
  }

  private async train(until: number, signal: AbortSignal): Promise<void> {
    const { batchSize } = this.run.sizes
    while (!signal.aborted && !this.done && this.trainer.iterations < until) {
      const limited = this.iterationsPerSecond > 0
      const target = limited ? Math.min(until, this.trainer.iterations + 1) : until
      const totalTimesteps = Math.min(target * batchSize, this.config.totalTimesteps)
      const before = performance.now()
      const iterations = this.trainer.iterations
      for await (const update of this.trainer.train({ totalTimesteps, signal })) {
        this.take(update.rows)
        if (limited !== this.iterationsPerSecond > 0) break
      }
      if (this.trainer.iterations === iterations) return // every agent had stopped
      if (limited && this.trainer.iterations < until) {
        await sleep(1000 / this.iterationsPerSecond - (performance.now() - before), signal)
      }
    }
  }

  private take(rows: (MetricsRow | null)[][]): void {
    for (const agents of rows) {
      agents.forEach((row, agent) => {
        if (row) this.latest[agent] = row
        if (row) this.scores[agent] = row.episodicReturn ?? row.returnMean ?? this.scores[agent]
      })
      const summary = summarise(agents)
      if (summary) this.news.push(summary)
    }
    const now = performance.now()
    this.pace.push({ time: now, iterations: this.trainer.iterations })
    while (this.pace.length > 2 && this.pace[1].time < now - SPS_WINDOW_MS) this.pace.shift()
  }

  takeNews(): News {
    const iterations = this.news
    this.news = []
    return { iterations, scores: this.scores }
  }

  standing(fps: number): Standing {
    const agents: Record<AgentStatus, number> = { running: 0, finished: 0, solved: 0, notFinite: 0 }
    for (const row of this.latest) agents[row?.status ?? 'running']++
    const [first, last] = [this.pace.at(0), this.pace.at(-1)]
    const { batchSize, numAgents } = this.run.sizes
    const trained = first && last ? (last.iterations - first.iterations) * batchSize * numAgents : 0
    const bad = this.latest.find((row) => row?.notFinite)?.notFinite
    return {
      iterations: this.trainer.iterations,
      timesteps: this.trainer.iterations * batchSize,
      sps: this.playing && trained > 0 ? (trained / (last!.time - first!.time)) * 1000 : null,
      playing: this.playing,
      agents,
      solvedAt: this.latest[0]?.solvedAt ?? null,
      notFinite: bad ? `${bad.buffer}, step ${bad.step}, environment ${bad.env}` : null,
      fps,
      submit: { ms: this.limit.ms, share: this.limit.flops / this.limit.most },
    }
  }

  setLive(config: PpoConfig): void {
    applyLive(this.run, config)
  }

  /** Makes as many watched environments as `view` shows; for every agent the same number. */
  prepare(view: ViewChoice): void {
    this.furnishing = this.furnishing.then(() => this.addWatch(view)).catch(this.onFailure)
  }

  private async addWatch(view: ViewChoice): Promise<void> {
    if (this.closed || view.source === 'training') return
    const each = Math.ceil(view.count / this.run.sizes.numAgents)
    if (this.watch?.run.sizes.numEnvs === each) return
    const next = await Watch.create(this.run, each)
    this.watch?.destroy()
    this.watch = next
    if (this.closed) this.closeWatch()
  }

  /** Whether there is a state of the watched environments to see. */
  get hasPlayed(): boolean {
    return this.watch?.started ?? false
  }
  advance(steps: number): void {
    this.watch?.advance(steps)
  }
  poke(view: ViewChoice, field: string, value: number): void {
    if (this.watch) this.watch.poke(Math.min(view.focus, this.watch.envs - 1), field, value)
  }
  async focus(view: ViewChoice) {
    return view.source === 'policy' && this.watch && !this.closed
      ? this.watch.focus(Math.min(view.focus, this.watch.envs - 1))
      : undefined
  }
  async ratios() {
    return this.closed || this.trainer.iterations === 0 ? undefined : this.histogram?.read(this.config.clipCoef)
  }

  private drawn(view: ViewChoice): Drawn | undefined {
    const training = view.source === 'training'
    const states = training ? this.run.buffers.env_states : this.watch?.run.buffers.env_states
    if (!states) return undefined
    const { numEnvs, numAgents } = this.run.sizes
    const total = training ? numEnvs * numAgents : this.watch!.envs
    if (view.layout === 'one') return { states, first: Math.min(view.focus, total - 1), count: 1 }
    return { states, first: 0, count: Math.min(view.count, total) }
  }

  /** Whether there is a picture already. */
  canDraw(view: ViewChoice): boolean {
    return this.scene !== undefined && this.drawn(view) !== undefined
  }
  draw(target: GPUTextureView, view: ViewChoice, surface: { width: number; height: number; dark: boolean }): void {
    const drawn = this.drawn(view)
    if (drawn) this.scene?.draw(target, drawn, view, surface)
  }

  /** The policy of agent `agent` as a safetensors file. */
  async policy(agent: number): Promise<Uint8Array> {
    const params = new Float32Array(await readBuffer(this.gpu.device, this.run.buffers.parameters))
    const stride = this.run.layout.paramStride
    const own = params.slice(agent * stride, (agent + 1) * stride)
    const scale = actionScale(this.spec, this.run.config)
    return policyFile(this.spec, this.run.layout.shape, own, (await readNormalisers(this.run))[agent], scale)
  }

  /** Everything that training goes on from; null when it is too large to keep. */
  async snapshot(): Promise<Snapshot | null> {
    if (snapshotBytes(this.run) > MOST_SNAPSHOT_BYTES) return null
    const taken = await this.trainer.between(() => takeSnapshot(this.run))
    return { ...taken, choice: { env: this.spec.id, config: this.config } }
  }

  private closeWatch(): void {
    this.watch?.destroy()
    this.watch = undefined
  }

  async close(): Promise<void> {
    this.closed = true
    await this.pause()
    await this.furnishing
    this.closeWatch()
    this.histogram?.destroy()
    this.scene?.destroy()
    this.trainer.destroy()
    destroyRun(this.run)
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, Math.max(ms, 0))
    signal.addEventListener('abort', end, { once: true })
  })
}
