/** Plays one episode after the other, and shows them. */
import type { ParamValue } from '../options/params'
import { makePolicy, type Policy } from '../policy/policy'
import { readPolicy } from '../policy/policyfile'
import type { Contents, PlayerSpec } from './contents'
import { PlayedEpisode, type Stepper } from './episode'
import type { Painter } from './painter'
import { setNumberAt } from './places'

/** Between two episodes, and at most at once. */
const PAUSE_MS = 700
const MOST_STEPS = 20

export interface Standing {
  episode: number
  step: number
  return: number
  action: number[]
  done: boolean
  /** Somebody moved something: the return is not that of `eval`. */
  moved: boolean
  latest: number[]
}

export class Show {
  readonly policy: Policy
  playing = true
  tempo = 1
  private number = 0
  private moved = false
  private owed = 0
  private ended = 0
  private latest: number[] = []
  private episode: PlayedEpisode<unknown>
  private stepping = false
  /** Set by hand while a step is being computed, which knows nothing of it. */
  private pokes: [field: string, value: number][] = []
  /** Steps the environment; null: its twin does. */
  stepper: Stepper | null = null
  /** Called with the error of a stepper that failed: from then on the twin steps. */
  onFailure: (error: unknown) => void = () => undefined
  private readonly settings: Contents['settings']

  constructor(
    private readonly spec: PlayerSpec,
    private readonly contents: Contents,
  ) {
    const bytes = Uint8Array.from(atob(contents.policy), (c) => c.charCodeAt(0))
    this.policy = makePolicy(readPolicy(bytes))
    this.settings = { ...contents.settings }
    this.episode = this.begin(0)
  }

  private begin(number: number): PlayedEpisode<unknown> {
    this.number = number
    this.moved = false
    this.ended = 0
    const { spec, settings, contents } = this
    this.episode = new PlayedEpisode<unknown>(spec, this.policy.shape.obsDim, contents.seed, number, settings)
    return this.episode
  }

  /** The returns of the first episodes, as `eval` plays them. */
  returns(episodes: number): number[] {
    return Array.from({ length: episodes }, (_, number) => {
      const { spec, contents, policy } = this
      const one = new PlayedEpisode<unknown>(spec, policy.shape.obsDim, contents.seed, number, contents.settings)
      while (!one.done) one.step(this.choose)
      return one.return
    })
  }

  private readonly choose = (obs: Float64Array, _step: number, mask?: Float64Array) => this.policy.act(obs, mask)

  get fps(): number {
    return this.spec.picture?.fps ?? 30
  }
  get state(): unknown {
    return this.episode.state
  }
  get params(): Readonly<Record<string, ParamValue>> {
    return this.episode.params
  }
  get standing(): Standing {
    const { number, moved, latest } = this
    const { length, action, done } = this.episode
    return { episode: number, step: length, return: this.episode.return, action, done, moved, latest }
  }

  next(): void {
    this.begin(this.number + 1)
  }

  async step(): Promise<void> {
    if (this.stepping) return
    this.stepping = true
    if (this.episode.done) this.next()
    const { episode, stepper } = this
    const error = stepper ? await episode.stepBy(stepper, this.choose) : episode.step(this.choose)
    this.stepping = false
    for (const [field, value] of this.pokes.splice(0)) setNumberAt(this.state, field, value)
    if (error) {
      this.stepper = null
      this.onFailure(error)
    }
    if (episode === this.episode && episode.done && !this.moved)
      this.latest = [...this.latest, episode.return].slice(-100)
  }

  /** Sets a number of the state by hand. */
  poke(field: string, value: number): void {
    setNumberAt(this.state, field, value)
    if (this.stepping) this.pokes.push([field, value])
    this.moved = true
  }

  /** Of this episode and all later ones. */
  setParam(name: string, value: ParamValue): void {
    this.settings[name] = value
    this.episode.params = { ...this.episode.params, [name]: value }
    this.moved = true
  }

  /** As many steps as `seconds` of real time are, less where steps take longer. */
  async advance(seconds: number): Promise<void> {
    if (!this.playing) return
    if (this.episode.done) {
      this.ended += 1000 * seconds
      if (this.ended >= PAUSE_MS && !this.stepping) this.next()
      return
    }
    this.owed = Math.min(this.owed + seconds * this.fps * this.tempo, MOST_STEPS)
    if (this.stepping) return
    for (; this.owed >= 1 && this.playing && !this.episode.done; this.owed--) await this.step()
  }

  paint(painter: Painter, dark: boolean): void {
    painter.paint(this.episode.state, this.episode.params, dark)
  }
}
