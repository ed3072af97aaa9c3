import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { Recorded } from '../../harness/sweep/folder'
import { type LiveState, liveLines, liveTable } from '../../harness/sweep/live'
import { type LivePage, openLivePage } from '../../harness/sweep/page'
import { rankTrials } from '../../harness/sweep/ranking'
import { liveScreen } from '../../harness/sweep/terminal'
import type { WorkerStatus } from '../../src/sweep/types'

const result = (trial: number, rung: number, score: number | null): Recorded => ({
  ...{ batch: 'b', trial, rung, timesteps: 100, score, status: 'running', curve: [], seconds: 1, weightsHash: null },
  ...{ fingerprint: { adapter: 'a', browser: 'b', version: 'c' }, mixed: false, checkpoint: null, policy: null },
  ...{ error: null, seed: 1, values: { learningRate: 0.001 * (trial + 1) }, other: false },
})
const worker = (id: string, adapter: string, kind: WorkerStatus['kind'], sps: number): WorkerStatus => ({
  ...{
    id,
    kind,
    fingerprint: { adapter, browser: 'b', version: 'c' },
    software: false,
    sweep: 's',
    trials: 4,
    rung: 0,
  },
  ...{ sps, given: 2 },
})
const bestOf = (results: Recorded[]) => rankTrials(results, 2).find(({ score }) => score !== null) ?? null
const STATE: LiveState = {
  ...{ env: 'CartPole-v1', sweep: '0123456789abcdef', rungs: 2, duplicates: 1, refused: 3, seconds: 3725 },
  counts: [
    { given: 9, done: 9, planned: 9 },
    { given: 3, done: 1, planned: 3 },
    { given: 0, done: 0, planned: 6 },
  ],
  best: bestOf([result(0, 0, 90), result(1, 0, null), result(2, 0, 20), result(2, 1, 30), result(9, 2, 500)]),
  workers: [
    worker('x', 'h100', 'command', 1000),
    worker('y', 'h100', 'command', 500),
    worker('z', 'm\u202e1', 'tab', 10),
  ],
}

describe('the live table', () => {
  test('results of each rung, the best that came furthest, workers by adapter and kind', () => {
    const table = liveTable(STATE)
    expect(liveLines(table)).toEqual([
      'Sweep 01234567 of CartPole-v1, 01:02:05: 10 of 18 results',
      '           results  begun or next  of',
      'rung 1           9              0   9',
      'rung 2           1              2   3',
      'finalists        0              0   6',
      'adapter      kind  workers  trials now  given  steps/s',
      'h100      command        2           8      4    1,500',
      'm\\u202e1      tab        1           4      2       10',
      'Best 30.0 in rung 2 (trial 2: learningRate 0.003).',
      '1,510 steps/s over 3 workers. 3 refused, 1 came twice.',
    ])
    expect(table.line).toBe(
      '10 / 18 results  best 30.0 in rung 2 (trial 2: learningRate 0.003)  1,510 steps/s  3 workers  3 refused',
    )
    expect(liveTable({ ...STATE, best: bestOf([]), workers: [] }).notes[0]).toBe('No score yet.')
  })

  const stream = (isTTY: boolean) => {
    const written: string[] = []
    const write = (text: string) => written.push(text) > 0
    return { written, stream: { isTTY, columns: 30, rows: 5, write } as unknown as NodeJS.WriteStream }
  }

  test('on a terminal it is redrawn in place, not wider or higher than that; a message goes above it', () => {
    const { written, stream: terminal } = stream(true)
    const screen = liveScreen(terminal)
    screen.show(liveTable(STATE))
    expect(written.join('').split('\n').slice(0, -1)).toHaveLength(4)
    for (const line of written.join('').split('\n')) expect(line.length).toBeLessThan(30)
    written.length = 0
    screen.say('refused: \u001b[2Jx')
    expect(written.join('')).toBe('\x1b[4A\r\x1b[Jrefused: \\u001b[2Jx\n')
    screen.show(liveTable(STATE))
    written.length = 0
    screen.show(liveTable(STATE))
    expect(written[0]).toBe('\x1b[4A\r\x1b[J')
  })

  test('elsewhere it is a line every few seconds, without escapes', () => {
    const { written, stream: piped } = stream(false)
    let now = 0
    const screen = liveScreen(piped, () => now)
    for (now = 0; now <= 11_000; now += 1000) screen.show(liveTable(STATE))
    expect(written).toEqual(Array(2).fill(`${liveTable(STATE).line}\n`))
  })
})

describe('the page', () => {
  let page: LivePage | undefined
  afterEach(async () => {
    await page?.close()
    page = undefined
  })

  const get = (path: string, host?: string) =>
    new Promise<{ status: number; headers: Record<string, unknown>; first: string }>((resolve, reject) => {
      const url = new URL(path, page!.url)
      const asked = request(url, { headers: host ? { host } : {} }, (response) => {
        response.setEncoding('utf8').once('data', (first) => {
          resolve({ status: response.statusCode!, headers: response.headers, first })
          asked.destroy()
        })
      })
      asked.on('error', reject).end()
    })

  test('is served on this machine only, with a strict policy, and sends the same table', async () => {
    page = await openLivePage(0)
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const { status, headers, first } = await get('/')
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/,
    )
    expect(first).not.toMatch(/<script>|style=|onload=/)
    page.show(liveTable(STATE))
    const events = await get('/events')
    expect(events.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(events.first).toMatch(/^data: .*\n\n$/)
    expect(JSON.parse(events.first.slice('data: '.length))).toEqual(liveTable(STATE))
  })

  test('another host name, which would be DNS rebinding, is refused, also for the events', async () => {
    page = await openLivePage(0)
    for (const path of ['/', '/events', '/page.js']) {
      expect((await get(path, 'attacker.example')).status).toBe(403)
    }
    expect((await get('/other')).status).toBe(404)
  })

  test('a port that is taken is named', async () => {
    page = await openLivePage(0)
    const { port } = new URL(page.url)
    await expect(openLivePage(Number(port))).rejects.toThrow(`--page: cannot listen on 127.0.0.1:${port}`)
  })
})
