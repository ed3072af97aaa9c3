/** Plays one episode after the other, and shows them. */
import type { ParamValue } from '../options/params'
import { makePolicy, type Policy } from '../policy/policy'
import { readPolicy } from '../policy/policyfile'
import type { Contents, PlayerSpec } from './contents'
import { PlayedEpisode } from './episode'
import type { Painter } from './painter'

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

  step(): void {
    if (this.episode.done) this.next()
    this.episode.step(this.choose)
    if (this.episode.done && !this.moved) this.latest = [...this.latest, this.episode.return].slice(-100)
  }

  /** Something of the state was set by hand. */
  touch(): void {
    this.moved = true
  }

  /** Of this episode and all later ones. */
  setParam(name: string, value: ParamValue): void {
    this.settings[name] = value
    this.episode.params = { ...this.episode.params, [name]: value }
    this.moved = true
  }

  /** As many steps as `seconds` of real time are. */
  advance(seconds: number): void {
    if (!this.playing) return
    if (this.episode.done) {
      this.ended += 1000 * seconds
      if (this.ended >= PAUSE_MS) this.next()
      return
    }
    this.owed = Math.min(this.owed + seconds * this.fps * this.tempo, MOST_STEPS)
    for (; this.owed >= 1 && !this.episode.done; this.owed--) this.step()
  }

  paint(painter: Painter): void {
    painter.paint(this.episode.state, this.episode.params)
  }
}
