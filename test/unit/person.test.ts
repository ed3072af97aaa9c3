/** A person's actions in the enlarged environment of the lab. */
import { expect, test } from 'vitest'
import { Person } from '../../src/lab/worker/person'

const [IDLE, LEFT, FIRE] = [0, 1, 5]

test('nobody plays until an action is held, and again when it is given back', () => {
  const person = new Person()
  expect(person.plays).toBe(false)
  person.hold(IDLE, false)
  expect(person.plays).toBe(true)
  person.hold(null, false)
  expect(person.plays).toBe(false)
})

test('a held key acts in every step, a released one no more', () => {
  const person = new Person()
  person.hold(LEFT, true)
  expect([person.next(), person.next()]).toEqual([LEFT, LEFT])
  person.hold(IDLE, false)
  expect(person.next()).toBe(IDLE)
})

test('a key that is pressed and released between two steps acts once', () => {
  const person = new Person()
  person.hold(IDLE, false)
  person.hold(FIRE, true)
  person.hold(IDLE, false)
  expect([person.next(), person.next()]).toEqual([FIRE, IDLE])
})

test('of several the latest press comes first, then what is held', () => {
  const person = new Person()
  person.hold(LEFT, true)
  person.hold(FIRE, true)
  person.hold(LEFT, false)
  expect([person.next(), person.next()]).toEqual([FIRE, LEFT])
})
