/** The live table on a terminal, redrawn in place; elsewhere a line every few seconds. */
import { plain } from '../cli/output'
import { type LiveTable, liveLines } from './live'

export interface LiveScreen {
  show(table: LiveTable): void
  /** A line for the user above the table. */
  say(line: string): void
  /** Leaves the last table, with the cursor below. */
  end(): void
}

const LINE_MS = 5000

export function liveScreen(stream: NodeJS.WriteStream, now = Date.now): LiveScreen {
  if (stream.isTTY !== true) return lineScreen(stream, now)
  let drawn = 0
  const clear = () => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\r\x1b[J`)
    drawn = 0
  }
  return {
    show(table) {
      const [columns, rows] = [stream.columns || 80, stream.rows || 24]
      const lines = liveLines(table)
        .slice(0, Math.max(1, rows - 1))
        .map((line) => plain(line).slice(0, Math.max(1, columns - 1)))
      clear()
      stream.write(`${lines.join('\n')}\n`)
      drawn = lines.length
    },
    say(line) {
      clear()
      stream.write(`${plain(line)}\n`)
    },
    end() {
      drawn = 0
    },
  }
}

function lineScreen(stream: NodeJS.WriteStream, now: () => number): LiveScreen {
  let last = now()
  return {
    show({ line }) {
      if (now() - last < LINE_MS) return
      last = now()
      stream.write(`${plain(line)}\n`)
    },
    say: (line) => void stream.write(`${plain(line)}\n`),
    end() {},
  }
}
