//#import "planar/inertia"
// Solves with a symmetric positive definite matrix of the joints: L^T D L, from the last row up, which fills in nothing where
// no ancestor is (Featherstone 2008, chapter 6.5). Twin: envs/planar/cholesky.ts

const LEAST_PIVOT = 1e-12f;

/// Replaces the matrix by L below the diagonal and 1 / D on it.
fn factor(m: ptr<function, Matrix>) {
  //#repeat $k < NV backwards
  {
    let inverse = 1.0 / max((*m)[$k][$k], LEAST_PIVOT);
    //#repeat $i in ROW[$k]
    {
      let l = (*m)[$k][$i] * inverse;
      (*m)[$i][$i] -= l * (*m)[$k][$i];
      //#repeat $j in ROW_BEFORE[$k][$i]
      (*m)[$i][$j] -= l * (*m)[$k][$j];
      //#end
      (*m)[$k][$i] = l;
    }
    //#end
    (*m)[$k][$k] = inverse;
  }
  //#end
}

/// The x of m x = b, of a factored m.
fn solved(m: ptr<function, Matrix>, b: ptr<function, Joints>) -> Joints {
  var x = *b;
  //#repeat $k < NV backwards
  //#repeat $i in ROW[$k]
  x[$i] -= (*m)[$k][$i] * x[$k];
  //#end
  //#end
  //#repeat $k < NV
  x[$k] *= (*m)[$k][$k];
  //#repeat $i in ROW[$k]
  x[$k] -= (*m)[$k][$i] * x[$i];
  //#end
  //#end
  return x;
}
