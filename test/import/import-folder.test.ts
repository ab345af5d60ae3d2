// Importing Hugging Face folders: the model as text, the weights under our names, and every reason to refuse.
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importFolder } from '../../cli/import/import-folder.ts';
import { ImportError } from '../../cli/import/import-plan.ts';
import { writeSafetensors } from '../../runtime/safetensors.ts';
import {
  type Config,
  GPT2_CONFIG,
  gpt2Tensors,
  LLAMA_CONFIG,
  llamaTensors,
  type Tensors,
  writeHfFolder,
} from '../support/hf-folders.ts';
import { byteFallbackTokenizer, byteLevelTokenizer } from '../support/tokenizers.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'bform-import-')), 'My Model-7B');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const importLlama = (changes: Config = {}, change: (tensors: Tensors) => void = () => {}) => {
  const config = { ...LLAMA_CONFIG, ...changes };
  const tensors = llamaTensors(config);
  change(tensors);
  return importFolder(writeHfFolder(folder, config, tensors));
};
const importGpt2 = (changes: Config = {}, change: (tensors: Tensors) => void = () => {}) => {
  const config = { ...GPT2_CONFIG, ...changes };
  const tensors = gpt2Tensors(config);
  change(tensors);
  return importFolder(writeHfFolder(folder, config, tensors));
};
/** The message of the error that an import ends in. */
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ImportError);
    return (error as Error).message;
  }
  throw new Error('the import was not refused');
};

describe('importing a LLaMA-type model', () => {
  it('writes the model that a person would have written', () => {
    expect(importLlama().source).toMatchInlineSnapshot(`
      "// A model of the LLaMA family, imported from a Hugging Face checkpoint.
      // Change it and compile it again: weights are found by their path names and must keep their shapes.
      edition 1
      use std.{attention, embed, gated_ffn, pre_norm, rms_norm, rope, unembed}

      /// Rotary attention and a gated feed-forward network, each behind an rms_norm.
      block decoder(d: dim) {
        let a = attention(heads: 4, kv_heads: 2, position: rope(theta: 500000.0))
        let f = gated_ffn(20)

        pre_norm(rms_norm(eps: 1e-6)): a f
      }

      model my_model_7b {
        vocab: 29
        context: 32
        let blocks = decoder(16)

        embed(16) -> blocks * 2 -> rms_norm(eps: 1e-6) -> unembed
      }
      "
    `);
  });

  it('writes only what differs from the defaults', () => {
    const { source } = importLlama({
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      num_key_value_heads: 4,
      tie_word_embeddings: true,
    });
    expect(source).toContain('let a = attention(heads: 4, position: rope)\n');
    expect(source).toContain('pre_norm(rms_norm): a f');
    expect(source).toContain('-> unembed(tied: true)\n');
  });

  it('says what is less usual: biases, activation, head size', () => {
    const { source, weights } = importLlama({
      attention_bias: true,
      mlp_bias: true,
      hidden_act: 'gelu_pytorch_tanh',
      head_dim: 6,
    });
    expect(source).toContain(
      'attention(heads: 4, kv_heads: 2, head_dim: 6, bias: true, position: rope(theta: 500000.0))',
    );
    expect(source).toContain('gated_ffn(20, act: gelu_tanh, bias: true)');
    expect(source).toContain('gelu_tanh, pre_norm');
    expect(weights.get('blocks.1.a.wk.b')?.shape).toEqual([12]);
    expect(weights.get('blocks.1.f.down.b')?.shape).toEqual([16]);
  });

  it('transposes linear maps and takes tables as they are', () => {
    const config = LLAMA_CONFIG;
    const tensors = llamaTensors(config);
    const { weights } = importFolder(writeHfFolder(folder, config, tensors));
    const gate = weights.get('blocks.1.f.gate.w')!;
    const saved = tensors.get('model.layers.1.mlp.gate_proj.weight')!;
    expect([gate.shape, saved.shape]).toEqual([
      [16, 20],
      [20, 16],
    ]);
    expect(gate.data[3 * 20 + 7]).toBe(saved.data[7 * 16 + 3]);
    expect(weights.get('embed.table')).toEqual(tensors.get('model.embed_tokens.weight'));
    expect(weights.get('unembed.w')?.shape).toEqual([16, 29]);
    expect(weights.size).toBe(tensors.size);
  });

  it('reads a window of attention where Mistral has one', () => {
    const mistral = { architectures: ['MistralForCausalLM'], model_type: 'mistral' };
    expect(importLlama({ ...mistral, sliding_window: 8 }).source).toContain(
      'mask: sliding_window(8)',
    );
    expect(importLlama({ ...mistral, sliding_window: null }).source).not.toContain('window');
    expect(importLlama({ ...mistral, sliding_window: 32 }).source).not.toContain('window');
  });

  it('accepts a saved output layer that equals the embedding it is tied to, and caches', () => {
    const { weights } = importLlama({ tie_word_embeddings: true }, (tensors) => {
      tensors.set('lm_head.weight', tensors.get('model.embed_tokens.weight')!);
      tensors.set('model.layers.0.self_attn.rotary_emb.inv_freq', {
        shape: [2],
        data: new Float32Array(2),
      });
    });
    expect(weights.has('unembed.w')).toBe(false);
  });
});

describe('importing a GPT-2-type model', () => {
  it('writes the model that a person would have written', () => {
    const { source } = importGpt2({ layer_norm_epsilon: 1e-6 });
    expect(source).toContain('let a = attention(heads: 3, bias: true)\n');
    expect(source).toContain('let f = ffn(4 * d, act: gelu_tanh, bias: true)\n');
    expect(source).toContain('pre_norm(layer_norm(eps: 1e-6)): a f\n');
    expect(source).toContain(
      'embed(12) -> learned_positions -> blocks * 2 -> layer_norm(eps: 1e-6) -> unembed(tied: true)\n',
    );
  });

  it('takes queries, keys and values apart', () => {
    const tensors = gpt2Tensors();
    const { weights } = importFolder(writeHfFolder(folder, GPT2_CONFIG, tensors));
    const fused = tensors.get('transformer.h.1.attn.c_attn.weight')!.data;
    const bias = tensors.get('transformer.h.1.attn.c_attn.bias')!.data;
    for (const [index, part] of ['q', 'k', 'v'].entries()) {
      expect(weights.get(`blocks.1.a.w${part}.w`)!.data[5 * 12 + 7]).toBe(
        fused[5 * 36 + 12 * index + 7],
      );
      expect(weights.get(`blocks.1.a.w${part}.b`)!.data[7]).toBe(bias[12 * index + 7]);
    }
  });

  it('reads the oldest files, without a prefix and with masks saved along', () => {
    const tensors = gpt2Tensors(GPT2_CONFIG, '');
    tensors.set('h.0.attn.bias', { shape: [1, 1, 16, 16], data: new Float32Array(256) });
    expect(importFolder(writeHfFolder(folder, GPT2_CONFIG, tensors)).weights.size).toBe(36);
  });
});

describe('the ids that frame a text', () => {
  it('are those of the tokenizer and the configurations', () => {
    const read = (files: Record<string, unknown>) =>
      importFolder(writeHfFolder(folder, LLAMA_CONFIG, llamaTensors(), files)).tokenizer?.text;
    expect(read({})).toBeUndefined();
    expect(read({ 'tokenizer.json': byteFallbackTokenizer() })).toEqual({
      tokenizer: 'tokenizer.json',
      begin: 1,
      end: [1, 27, 28],
    });
    expect(
      read({
        'tokenizer.json': byteLevelTokenizer(),
        'generation_config.json': { eos_token_id: 5 },
      }),
    ).toEqual({ tokenizer: 'tokenizer.json', end: [5, 27, 28] });
  });
});

describe('an import is refused', () => {
  it('for an architecture that is not known, by its name', () => {
    const architectures = ['MambaForCausalLM'];
    expect(refusal(() => importLlama({ architectures }))).toContain('"MambaForCausalLM"');
    expect(refusal(() => importLlama({ architectures: undefined }))).toContain('null');
  });

  it('with all missing, superfluous and misshapen tensors at once', () => {
    const message = refusal(() =>
      importLlama({}, (tensors) => {
        tensors.delete('model.norm.weight');
        tensors.delete('model.layers.1.mlp.up_proj.weight');
        tensors.set('model.layers.1.extra', { shape: [1], data: new Float32Array(1) });
        tensors.set('lm_head.weight', { shape: [16, 29], data: new Float32Array(16 * 29) });
      }),
    );
    expect(message.split('\n').slice(1)).toEqual([
      '  - model.norm.weight [16] is missing',
      '  - lm_head.weight has the shape [16, 29], but [29, 16] follows from config.json',
      '  - model.layers.1.mlp.up_proj.weight [20, 16] is missing',
      '  - model.layers.1.extra has no place in this architecture',
    ]);
  });

  it('where tied tensors differ', () => {
    const message = refusal(() =>
      importGpt2({}, (tensors) => {
        tensors.set('lm_head.weight', { shape: [29, 12], data: new Float32Array(29 * 12) });
      }),
    );
    expect(message).toContain('lm_head.weight differs from transformer.wte.weight');
  });

  it.each([
    ['rope_scaling', { rope_scaling: { rope_type: 'llama3', factor: 8 } }],
    ['rope_scaling', { rope_scaling: { type: 'linear', factor: 2 } }],
    ['rope_parameters', { rope_parameters: { rope_type: 'yarn', rope_theta: 1e4 } }],
    ['sliding_window', { sliding_window: 8 }],
    ['quantization_config', { quantization_config: { bits: 4 } }],
    ['partial_rotary_factor', { partial_rotary_factor: 0.5 }],
    ['hidden_size', { hidden_size: 0 }],
    ['num_hidden_layers', { num_hidden_layers: undefined }],
    ['rms_norm_eps', { rms_norm_eps: 'small' }],
    ['swiglu_oai', { hidden_act: 'swiglu_oai' }],
    ['3 heads', { num_attention_heads: 3 }],
  ])('for %s, by its name: %j', (name, changes: Config) => {
    const config = { ...LLAMA_CONFIG, ...changes };
    const run = () => importFolder(writeHfFolder(folder, config, llamaTensors(LLAMA_CONFIG)));
    expect(refusal(run)).toContain(name);
  });

  it.each([
    ['scale_attn_weights', { scale_attn_weights: false }],
    ['scale_attn_by_inverse_layer_idx', { scale_attn_by_inverse_layer_idx: true }],
    ['add_cross_attention', { add_cross_attention: true }],
  ])('for GPT-2 with another %s', (name, changes: Config) => {
    expect(refusal(() => importGpt2(changes))).toContain(name);
  });

  it('accepts what does not change the computation', () => {
    importLlama({
      rope_scaling: null,
      pretraining_tp: 1,
      torch_dtype: 'bfloat16',
      some_switch: false,
    });
  });

  it('with all faults of config.json at once', () => {
    const config = { ...LLAMA_CONFIG, hidden_size: 'x', vocab_size: -1, odd_entry: 3 };
    writeHfFolder(folder, config, llamaTensors());
    const message = refusal(() => importFolder(folder));
    for (const name of ['hidden_size', 'vocab_size', 'odd_entry']) expect(message).toContain(name);
  });

  it('for a folder that is not there, or lacks a file, or holds a broken one', () => {
    expect(refusal(() => importFolder(join(folder, 'nowhere')))).toContain('no folder');
    writeHfFolder(folder, LLAMA_CONFIG, llamaTensors());
    writeFileSync(join(folder, 'config.json'), '{');
    expect(refusal(() => importFolder(folder))).toContain('config.json is not valid JSON');
    writeFileSync(join(folder, 'config.json'), '[]');
    expect(refusal(() => importFolder(folder))).toContain('no object');
    unlinkSync(join(folder, 'config.json'));
    expect(refusal(() => importFolder(folder))).toContain('no config.json');
    writeHfFolder(folder, LLAMA_CONFIG, llamaTensors());
    unlinkSync(join(folder, 'model.safetensors'));
    expect(refusal(() => importFolder(folder))).toContain('model.safetensors');
  });
});

describe('a checkpoint in several files', () => {
  const shard = (names: Record<string, string>) => {
    const all = [...llamaTensors()];
    const middle = Math.floor(all.length / 2);
    writeHfFolder(folder, LLAMA_CONFIG, new Map());
    unlinkSync(join(folder, 'model.safetensors'));
    writeFileSync(join(folder, 'a.safetensors'), writeSafetensors(new Map(all.slice(0, middle))));
    writeFileSync(join(folder, 'b.safetensors'), writeSafetensors(new Map(all.slice(middle))));
    writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: names }),
    );
  };

  it('is put together', () => {
    shard({ x: 'a.safetensors', y: 'b.safetensors' });
    expect(importFolder(folder).weights.size).toBe(llamaTensors().size);
  });

  it('names a file that is missing, and refuses one outside of the folder', () => {
    shard({ x: 'a.safetensors', y: 'c.safetensors' });
    expect(refusal(() => importFolder(folder))).toContain('c.safetensors');
    shard({ x: '../a.safetensors' });
    expect(refusal(() => importFolder(folder))).toContain('weight_map');
  });
});
