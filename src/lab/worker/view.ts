/** Shows a run on one device: pictures of environments, the focused one's numbers, the histogram of ratios. */
import type { PpoConfig } from '../../config/config'
import { applyParams } from '../../run/live'
import type { Drawn, Scene } from '../../scene/scene'
import type { DrawnEnvs, FeatureMaps, FocusFacts, Histogram, Surface, ViewChoice } from '../protocol'
import { FeatureMapReader } from './featuremaps'
import { RatioHistogram } from './histogram'
import type { Person } from './person'
import type { Training } from './training'
import { Watch } from './watch'

export class View {
  private readonly run: Training['run']
  private watch: Watch | undefined
  private histogram: RatioHistogram | undefined
  /** Null for networks that do not begin with a convolution. */
  private readonly mapReader: FeatureMapReader | null
  private furnishing: Promise<void> = Promise.resolve()
  private closed = false

  /**
   * @param scene Draws the environments, on the device of the run; undefined if that failed.
   * @param onFailure Called with the error of what cannot be shown.
   */
  constructor(
    readonly training: Training,
    private readonly scene: Scene | undefined,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.run = training.run
    const [first] = this.run.layout.actor
    this.mapReader = first.kind === 'conv' ? new FeatureMapReader(this.run, first) : null
  }

  /**
   * Prepares what the first picture does not need: the policy's own environments and the histogram. Their kernels are
   * compiled while training already runs; until then the environments that train are drawn.
   */
  furnish(choice: ViewChoice): void {
    this.prepare(choice)
    this.afterwards(async () => {
      if (!this.closed) this.histogram = await RatioHistogram.create(this.run)
    })
  }

  /** Creates as many watched environments as `choice` shows; the same number for every agent. */
  prepare(choice: ViewChoice): void {
    this.afterwards(() => this.addWatch(choice))
  }

  private afterwards(act: () => Promise<void>): void {
    this.furnishing = this.furnishing.then(act).catch(this.onFailure)
  }

  private async addWatch(choice: ViewChoice): Promise<void> {
    if (this.closed || choice.source === 'training') return
    const each = Math.ceil(choice.count / this.run.sizes.numAgents)
    if (this.watch?.run.sizes.numEnvs === each) return
    const next = await Watch.create(this.run, each)
    this.watch?.destroy()
    this.watch = next
    if (this.closed) this.closeWatch()
  }

  /** Whether the watched environments have a state to show. */
  get hasPlayed(): boolean {
    return this.watch?.started ?? false
  }
  advance(steps: number, { focus }: ViewChoice, person: Person): void {
    if (!this.watch) return
    this.watch.advance(steps, person.plays ? { index: Math.min(focus, this.watch.envs - 1), person } : null)
  }
  /** Sets the parameters of the environment from `config`. */
  setParams(config: PpoConfig): void {
    if (this.watch) applyParams(this.watch.run, config)
  }
  poke(choice: ViewChoice, field: string, value: number): void {
    if (this.watch) this.watch.poke(Math.min(choice.focus, this.watch.envs - 1), field, value)
  }
  async focus(choice: ViewChoice): Promise<FocusFacts | undefined> {
    return choice.source === 'policy' && this.watch && !this.closed
      ? this.watch.focus(Math.min(choice.focus, this.watch.envs - 1))
      : undefined
  }
  async ratios(): Promise<Histogram | undefined> {
    const { iterations, config } = this.training
    return this.closed || iterations === 0 ? undefined : this.histogram?.read(config.clipCoef)
  }

  async maps(choice: ViewChoice): Promise<FeatureMaps | undefined> {
    if (this.closed) return undefined
    const watch = choice.source === 'policy' ? this.watch : undefined
    const { numEnvs, numAgents } = this.run.sizes
    const index = Math.min(choice.focus, (watch?.envs ?? numEnvs * numAgents) - 1)
    return this.mapReader?.read(watch, index, this.training.iterations)
  }

  /** What is drawn of the choice: until the policy's own environments are ready, those that train. */
  drawnEnvs(choice: ViewChoice): DrawnEnvs {
    const { numEnvs, numAgents } = this.run.sizes
    const own = choice.source === 'policy' ? this.watch : undefined
    return { source: own ? 'policy' : 'training', count: Math.min(choice.count, own?.envs ?? numEnvs * numAgents) }
  }

  private drawn(choice: ViewChoice): Drawn {
    const { source, count } = this.drawnEnvs(choice)
    const { run } = source === 'policy' ? this.watch! : this.training
    const states = run.buffers.env_states
    return choice.layout === 'one'
      ? { states, first: Math.min(choice.focus, count - 1), count: 1 }
      : { states, first: 0, count }
  }

  get canDraw(): boolean {
    return this.scene !== undefined
  }
  /** @param ground The colour beside the cards; transparent unless given. */
  draw(target: GPUTextureView, choice: ViewChoice, surface: Surface, ground?: GPUColor): void {
    this.scene?.draw(target, this.drawn(choice), choice, surface, ground)
  }

  private closeWatch(): void {
    this.watch?.destroy()
    this.watch = undefined
  }

  async close(): Promise<void> {
    this.closed = true
    await this.furnishing
    this.closeWatch()
    this.histogram?.destroy()
    this.mapReader?.destroy()
    this.scene?.forget()
  }
}
