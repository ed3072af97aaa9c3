import { describe, expect, it } from 'vitest'
import { readAddress } from '../../src/tab/address'
import { ASKING, shownAfter } from '../../src/tab/state'

describe('the address of a tab as a worker', () => {
  it.each([
    ['#server=wss://host.example&token=abc', { server: 'wss://host.example', token: 'abc' }],
    [
      '#server=wss%3A%2F%2Fhost.example%3A8443&user=u&pass=p%26q',
      { server: 'wss://host.example:8443', user: 'u', pass: 'p&q' },
    ],
    ['#server=ws://127.0.0.1:9222', { server: 'ws://127.0.0.1:9222', user: undefined, pass: undefined }],
    ['#server=ws://localhost:1/&token=t', { server: 'ws://localhost:1', token: 't' }],
    ['#server=WSS://HOST&token=t', { server: 'wss://host', token: 't' }],
  ])('%s', (hash, wanted) => {
    expect(readAddress(hash)).toEqual(wanted)
  })

  it.each([
    ['', /names no server/],
    ['#server=', /names no server/],
    ['#server=host', /is not an address/],
    ['#server=https://host', /is not encrypted/],
    ['#server=ws://host', /is not encrypted/],
    ['#server=ws://127.0.0.1.example.org', /is not encrypted/],
    ['#server=wss://user:secret@host', /is more than wss:\/\/host:port/],
    ['#server=wss://host/path', /is more than/],
    ["#server=wss://host;script-src 'none'", /is not an address|no host name/],
    ['#server=wss://*', /no host name/],
    ['#server=ws://[::1]:80', /no host name/],
    ['#server=wss://a&server=wss://b', /two parts named server/],
    ['#server=wss://a&token=t&user=u&pass=p', /a token, and a user/],
    ['#server=wss://a&user=u', /only one of user and pass/],
    ['#server=wss://a&script=x', /has a part "script"/],
  ])('%s is refused', (hash, message) => {
    expect(() => readAddress(hash)).toThrow(message)
  })

  it('a refusal repeats no password', () => {
    expect(() => readAddress('#server=wss://user:secret@host')).not.toThrow(/secret/)
  })
})

describe('what the tab shows', () => {
  const status = {
    ...({ id: 'a', kind: 'tab', fingerprint: { adapter: 'a', browser: 'b', version: 'c' }, software: false } as const),
    ...{ sweep: null, trials: 0, rung: 0, sps: 0, given: 0 },
  }
  const working = { ...status, sweep: 'f'.repeat(16), trials: 4 }

  it('follows the worker', () => {
    let shown = shownAfter({ ...ASKING, phase: 'connecting' }, { type: 'connected' })
    expect(shown.phase).toBe('waiting')
    shown = shownAfter(shown, { type: 'status', status: working })
    expect(shown.phase).toBe('training')
    shown = shownAfter(shown, { type: 'away' })
    expect(shownAfter(shown, { type: 'status', status: working }).phase).toBe('away')
    shown = shownAfter(shown, { type: 'connected' })
    expect(shown.phase).toBe('training')
    expect(shownAfter(shown, { type: 'status', status }).phase).toBe('waiting')
    expect(shownAfter(shown, { type: 'ended', error: 'lost' })).toMatchObject({ phase: 'stopped', error: 'lost' })
  })

  it('stops whatever still comes, and keeps a few lines', () => {
    const stopping = { ...ASKING, phase: 'stopping' } as const
    for (const message of [{ type: 'connected' }, { type: 'away' }, { type: 'status', status: working }] as const)
      expect(shownAfter(stopping, message).phase).toBe('stopping')
    let shown = ASKING
    for (let i = 0; i < 9; i++) shown = shownAfter(shown, { type: 'said', line: `${i}` })
    expect(shown.said).toEqual(['8', '7', '6', '5', '4'])
  })
})
