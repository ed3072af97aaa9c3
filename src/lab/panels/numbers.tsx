/** The numbers of the learning curves as a table. */
import { short } from '../format'
import { history, tick } from '../state'

const ROWS = 200

export function Numbers() {
  tick.value // new rows arrive with every tick
  const [head, ...rows] = history.value.table()
  return (
    <section class="scroll" aria-label="Numbers of the learning curves" tabindex={0}>
      <table>
        <caption>The latest {Math.min(rows.length, ROWS)} iterations, newest first</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            .slice(-ROWS)
            .reverse()
            .map((row) => (
              <tr key={row[0]}>
                {row.map((cell, i) => (
                  <td key={head[i]} class="number">
                    {typeof cell === 'string' ? cell : short(cell)}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  )
}
