// Wrong and right examples of the codes BF2070 to BF2073, and BF4201: the budgets of models.
import type { ExampleTable } from './example.ts';

export const BUDGET_EXAMPLES = {
  BF2070: {
    wrong: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  budget { parameters <= 100K }

  embed(64) -> layer_norm -> unembed
}
`,
    right: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  budget { params <= 100K }

  embed(64) -> layer_norm -> unembed
}
`,
  },
  BF2071: {
    wrong: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  budget { params <= 100KiB }

  embed(64) -> layer_norm -> unembed
}
`,
    right: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  budget { weights <= 400KiB }

  embed(64) -> layer_norm -> unembed
}
`,
  },
  BF2072: {
    wrong: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  context: 512
  budget { flops <= 100M at b = 1, t = 1024 }

  embed(64) -> layer_norm -> unembed
}
`,
    right: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  context: 512
  budget { flops <= 100M at b = 1, t = 512 }

  embed(64) -> layer_norm -> unembed
}
`,
  },
  BF2073: {
    wrong: `
use std.{embed, layer_norm, unembed}

model m(d: dim) {
  vocab: 256
  budget { params <= 100K }

  embed(d) -> layer_norm -> unembed
}
`,
    right: `
use std.{embed, layer_norm, unembed}

model m(d: dim = 64) {
  vocab: 256
  budget { params <= 100K }

  embed(d) -> layer_norm -> unembed
}
`,
  },
  BF4201: {
    wrong: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  budget { params <= 20K }

  embed(64) -> layer_norm -> unembed
}
`,
    right: `
use std.{embed, layer_norm, unembed}

model m {
  vocab: 256
  budget { params <= 20K }

  embed(64) -> layer_norm -> unembed(tied: true)
}
`,
    compiled: true,
  },
} as const satisfies ExampleTable<'BF207' | 'BF42'>;
