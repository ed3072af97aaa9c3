/** MinAtar's Seaquest: a submarine shoots fish and submarines, picks up divers, and has to come up for air. */
import type { StepResult } from '../../src/env/contract'
import { ACTION, type Draws, type Game, inside, type Remembers, SIZE } from './game'
import { append, type Item, pack, unpack } from './items'

/**
 * Lists have a number of places and how many of them are taken, from the first on; the others are 0. A place is an `Item`
 * in one word (items.ts). Fish and enemy submarines share a list, in the order in which they came.
 */
export interface SeaquestState extends Remembers {
  oxygen: number
  diver_count: number
  sub_x: number
  sub_y: number
  /** 1: the submarine looks right. */
  sub_or: number
  /** 1: it is at the surface, and has been before this step. */
  surface: number
  spawn_speed: number
  spawn_timer: number
  diver_timer: number
  move_speed: number
  ramp_index: number
  shot_timer: number
  /** How many things could not come in this episode because their list was full. */
  overflow: number
  num_enemies: number
  num_enemy_bullets: number
  num_bullets: number
  num_divers: number
  enemies: number[]
  enemy_bullets: number[]
  bullets: number[]
  divers: number[]
}

/** Places of each list. */
export const CAPACITY = { enemies: 32, enemy_bullets: 16, bullets: 4, divers: 4 } as const

const LAST = SIZE - 1
const LOWEST = 8
const MAX_OXYGEN = 200
const MAX_DIVERS = 6
const SHOT_COOLDOWN = 5
const ENEMY_SHOT_INTERVAL = 10
const DIVER_INTERVAL = 30
const DIVER_SPEED = 5
const LEAST_MOVE_SPEED = 2

const isAt = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => a.x === b.x && a.y === b.y

/** The state while a step goes on: lists of objects instead of words. */
class Scene {
  readonly enemies: Item[]
  readonly enemyBullets: Item[]
  readonly bullets: Item[]
  readonly divers: Item[]
  reward = 0
  terminated = false

  constructor(
    readonly state: SeaquestState,
    readonly draws: Draws,
  ) {
    this.enemies = unpack(state.enemies, state.num_enemies)
    this.enemyBullets = unpack(state.enemy_bullets, state.num_enemy_bullets)
    this.bullets = unpack(state.bullets, state.num_bullets)
    this.divers = unpack(state.divers, state.num_divers)
  }

  get player() {
    return { x: this.state.sub_x, y: this.state.sub_y }
  }

  add(list: Item[], item: Partial<Item> & { x: number; y: number }, places: number): void {
    if (!append(list, item, places)) this.state.overflow++
  }

  /** Writes the lists back to the state. */
  store(): StepResult {
    const { state } = this
    const lists = {
      enemies: this.enemies,
      enemy_bullets: this.enemyBullets,
      bullets: this.bullets,
      divers: this.divers,
    }
    for (const [name, list] of Object.entries(lists) as [keyof typeof lists, Item[]][]) {
      state[name] = pack(list, CAPACITY[name])
      state[`num_${name}`] = list.length
    }
    return { reward: this.reward, terminated: this.terminated }
  }
}

/** A fish or a submarine comes in at a side, unless its row has one that goes the other way. */
function spawnEnemy(scene: Scene): void {
  const { state, draws, enemies } = scene
  const right = draws.uniform() < 1 / 2
  const sub = draws.uniform() < 1 / 3
  const y = draws.integer(LOWEST) + 1
  if (enemies.some((enemy) => enemy.y === y && enemy.right !== right)) return
  const shot = sub ? ENEMY_SHOT_INTERVAL : 0
  scene.add(enemies, { x: right ? 0 : LAST, y, right, sub, move: state.move_speed, shot }, CAPACITY.enemies)
}

function spawnDiver(scene: Scene): void {
  const right = scene.draws.uniform() < 1 / 2
  const y = scene.draws.integer(LOWEST) + 1
  scene.add(scene.divers, { x: right ? 0 : LAST, y, right, move: DIVER_SPEED }, CAPACITY.divers)
}

function act(scene: Scene, action: number): void {
  const { state } = scene
  if (action === ACTION.fire && state.shot_timer === 0) {
    scene.add(scene.bullets, { x: state.sub_x, y: state.sub_y, right: state.sub_or === 1 }, CAPACITY.bullets)
    state.shot_timer = SHOT_COOLDOWN
  }
  if (action === ACTION.left) {
    state.sub_x = Math.max(0, state.sub_x - 1)
    state.sub_or = 0
  }
  if (action === ACTION.right) {
    state.sub_x = Math.min(LAST, state.sub_x + 1)
    state.sub_or = 1
  }
  if (action === ACTION.up) state.sub_y = Math.max(0, state.sub_y - 1)
  if (action === ACTION.down) state.sub_y = Math.min(LOWEST, state.sub_y + 1)
}

const advance = (item: Item): void => {
  item.x += item.right ? 1 : -1
}

/** Each of the player's bullets takes the first fish that it meets, else the first submarine. */
function moveBullets(scene: Scene): void {
  const { bullets, enemies } = scene
  for (let i = bullets.length - 1; i >= 0; i--) {
    const bullet = bullets[i]
    advance(bullet)
    if (!inside(bullet.x)) {
      bullets.splice(i, 1)
      continue
    }
    const met = [false, true].map((sub) => enemies.findIndex((enemy) => enemy.sub === sub && isAt(enemy, bullet)))
    const hit = met.find((found) => found >= 0)
    if (hit === undefined) continue
    enemies.splice(hit, 1)
    bullets.splice(i, 1)
    scene.reward++
  }
}

function moveDivers(scene: Scene): void {
  const { state, divers, player } = scene
  for (let i = divers.length - 1; i >= 0; i--) {
    const diver = divers[i]
    const picked = () => isAt(diver, player) && state.diver_count < MAX_DIVERS
    let gone = picked()
    if (!gone && diver.move === 0) {
      diver.move = DIVER_SPEED
      advance(diver)
      if (!inside(diver.x)) {
        divers.splice(i, 1)
        continue
      }
      gone = picked()
    } else if (!gone) diver.move--
    if (!gone) continue
    divers.splice(i, 1)
    state.diver_count++
  }
}

/** Fish or submarines: meet the player, move, meet it or a bullet there. */
function moveEnemies(scene: Scene, sub: boolean): void {
  const { state, enemies, bullets, player } = scene
  for (let i = enemies.length - 1; i >= 0; i--) {
    const enemy = enemies[i]
    if (enemy.sub !== sub) continue
    if (isAt(enemy, player)) scene.terminated = true
    if (enemy.move === 0) {
      enemy.move = state.move_speed
      advance(enemy)
      if (!inside(enemy.x)) enemies.splice(i, 1)
      else if (isAt(enemy, player)) scene.terminated = true
      else {
        const hit = bullets.findIndex((bullet) => isAt(bullet, enemy))
        if (hit >= 0) {
          bullets.splice(hit, 1)
          enemies.splice(i, 1)
          scene.reward++
        }
      }
    } else enemy.move--
    // A submarine that is gone shoots all the same.
    if (!sub) continue
    if (enemy.shot === 0) {
      enemy.shot = ENEMY_SHOT_INTERVAL
      scene.add(scene.enemyBullets, { x: enemy.x, y: enemy.y, right: enemy.right }, CAPACITY.enemy_bullets)
    } else enemy.shot--
  }
}

function moveEnemyBullets(scene: Scene): void {
  const { enemyBullets, player } = scene
  for (let i = enemyBullets.length - 1; i >= 0; i--) {
    const bullet = enemyBullets[i]
    if (isAt(bullet, player)) scene.terminated = true
    advance(bullet)
    if (!inside(bullet.x)) enemyBullets.splice(i, 1)
    else if (isAt(bullet, player)) scene.terminated = true
  }
}

/** At the surface with a diver, or with one less than none: new oxygen, and a harder game. */
function comeUp(scene: Scene, ramping: boolean): void {
  const { state } = scene
  state.surface = 1
  if (state.diver_count === MAX_DIVERS) {
    scene.reward += Math.floor((state.oxygen * 10) / MAX_OXYGEN)
    state.diver_count = 0
  }
  // As in the original also after all six: then the count is -1, and the next time at the surface does not end the game.
  state.diver_count--
  state.oxygen = MAX_OXYGEN
  if (!ramping || (state.spawn_speed <= 1 && state.move_speed <= LEAST_MOVE_SPEED)) return
  if (state.move_speed > LEAST_MOVE_SPEED && state.ramp_index % 2 === 1) state.move_speed--
  if (state.spawn_speed > 1) state.spawn_speed--
  state.ramp_index++
}

function breathe(scene: Scene, ramping: boolean): void {
  const { state } = scene
  if (state.oxygen <= 0) scene.terminated = true
  if (state.sub_y > 0) {
    state.oxygen--
    state.surface = 0
  } else if (state.surface === 0) {
    if (state.diver_count === 0) scene.terminated = true
    else comeUp(scene, ramping)
  }
}

export const seaquest: Game<SeaquestState> = {
  name: 'seaquest',
  channels: [
    ...['sub_front', 'sub_back', 'friendly_bullet', 'trail', 'enemy_bullet', 'enemy_fish', 'enemy_sub'],
    ...['oxygen', 'divers', 'diver'],
  ],
  minimal: Object.values(ACTION),

  reset: () => ({
    ...{ oxygen: MAX_OXYGEN, diver_count: 0, sub_x: 5, sub_y: 0, sub_or: 0, surface: 1 },
    ...{ spawn_speed: 20, spawn_timer: 20, diver_timer: DIVER_INTERVAL, move_speed: 5, ramp_index: 0, shot_timer: 0 },
    ...{ overflow: 0, num_enemies: 0, num_enemy_bullets: 0, num_bullets: 0, num_divers: 0 },
    enemies: pack([], CAPACITY.enemies),
    enemy_bullets: pack([], CAPACITY.enemy_bullets),
    bullets: pack([], CAPACITY.bullets),
    divers: pack([], CAPACITY.divers),
  }),

  step(state, action, draws, ramping) {
    const scene = new Scene(state, draws)
    if (state.spawn_timer === 0) {
      spawnEnemy(scene)
      state.spawn_timer = state.spawn_speed
    }
    if (state.diver_timer === 0) {
      spawnDiver(scene)
      state.diver_timer = DIVER_INTERVAL
    }
    act(scene, action)
    moveBullets(scene)
    moveDivers(scene)
    moveEnemies(scene, true)
    moveEnemyBullets(scene)
    moveEnemies(scene, false)
    state.spawn_timer--
    state.diver_timer--
    if (state.shot_timer > 0) state.shot_timer--
    breathe(scene, ramping)
    return scene.store()
  },

  observe(state, put) {
    const trail = ({ x, y, right }: Item) => {
      const behind = x + (right ? -1 : 1)
      if (inside(behind)) put(3, behind, y)
    }
    put(0, state.sub_x, state.sub_y)
    const back = state.sub_x + (state.sub_or === 1 ? -1 : 1)
    if (inside(back)) put(1, back, state.sub_y)
    for (let x = 0; x < Math.floor((state.oxygen * SIZE) / MAX_OXYGEN); x++) put(7, x, LAST)
    for (let x = LAST - Math.max(0, state.diver_count); x < LAST; x++) put(8, x, LAST)
    for (const { x, y } of unpack(state.bullets, state.num_bullets)) put(2, x, y)
    for (const { x, y } of unpack(state.enemy_bullets, state.num_enemy_bullets)) put(4, x, y)
    for (const enemy of unpack(state.enemies, state.num_enemies)) {
      put(enemy.sub ? 6 : 5, enemy.x, enemy.y)
      trail(enemy)
    }
    for (const diver of unpack(state.divers, state.num_divers)) {
      put(9, diver.x, diver.y)
      trail(diver)
    }
  },
}
