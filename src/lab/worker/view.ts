/** Shows a run on one device: pictures of environments, the focused one's numbers, the histogram of ratios. */
import type { PpoConfig } from '../../config/config'
import { applyParams } from '../../run/live'
import type { FocusFacts, Histogram, ViewChoice } from '../protocol'
import { RatioHistogram } from './histogram'
import { type Drawn, Scene } from './scene'
import type { Training } from './training'
import { Watch } from './watch'

export class View {
  private readonly run: Training['run']
  private watch: Watch | undefined
  private histogram: RatioHistogram | undefined
  private scene: Scene | undefined
  /** Pipelines for pictures and numbers are compiled while training already runs. */
  private furnishing: Promise<void>
  private closed = false

  /**
   * @param format Format of the textures that are drawn on.
   * @param onFailure Called with the error of what cannot be shown.
   */
  constructor(
    readonly training: Training,
    format: GPUTextureFormat,
    choice: ViewChoice,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.run = training.run
    this.furnishing = this.furnish(format, choice).catch(onFailure)
  }

  private async furnish(format: GPUTextureFormat, choice: ViewChoice): Promise<void> {
    const { device } = this.run.gpu
    const [scene] = await Promise.all([Scene.create(device, this.training.spec, format), this.addWatch(choice)])
    this.scene = scene
    if (!this.closed) this.histogram = await RatioHistogram.create(this.run)
  }

  /** Creates as many watched environments as `choice` shows; the same number for every agent. */
  prepare(choice: ViewChoice): void {
    this.furnishing = this.furnishing.then(() => this.addWatch(choice)).catch(this.onFailure)
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
  advance(steps: number): void {
    this.watch?.advance(steps)
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

  private drawn(choice: ViewChoice): Drawn | undefined {
    const training = choice.source === 'training'
    const states = training ? this.run.buffers.env_states : this.watch?.run.buffers.env_states
    if (!states) return undefined
    const { numEnvs, numAgents } = this.run.sizes
    const total = training ? numEnvs * numAgents : this.watch!.envs
    if (choice.layout === 'one') return { states, first: Math.min(choice.focus, total - 1), count: 1 }
    return { states, first: 0, count: Math.min(choice.count, total) }
  }

  /** Whether there is something to draw. */
  canDraw(choice: ViewChoice): boolean {
    return this.scene !== undefined && this.drawn(choice) !== undefined
  }
  draw(target: GPUTextureView, choice: ViewChoice, surface: { width: number; height: number; dark: boolean }): void {
    const drawn = this.drawn(choice)
    if (drawn) this.scene?.draw(target, drawn, choice, surface)
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
    this.scene?.destroy()
  }
}
