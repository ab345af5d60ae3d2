// Mixtral and DeepSeekMoE of toy size, made here, imported and run: against float64 from the checkpoints' own tensors.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importFolder } from '../../cli/import/import-folder.ts';
import { closeGpu } from '../support/gpu.ts';
import {
  type Config,
  DEEPSEEK_CONFIG,
  deepseekTensors,
  MIXTRAL_CONFIG,
  mixtralTensors,
  type Tensors,
  writeHfFolder,
} from '../support/hf-folders.ts';
import { mixtureLogits } from '../support/mixture-reference.ts';
import { runImport } from './run-import.ts';

const folder = mkdtempSync(join(tmpdir(), 'bform-mixture-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closeGpu();
});

let count = 0;
const written = (config: Config, tensors: Tensors): string =>
  writeHfFolder(join(folder, `model ${count++}`), config, tensors);

describe('an imported mixture of experts gives the logits of its checkpoint', () => {
  const { n_shared_experts: _, ...unshared } = DEEPSEEK_CONFIG;
  it.each<[string, Config]>([
    ['Mixtral', MIXTRAL_CONFIG],
    ['Mixtral, one expert to a token', { ...MIXTRAL_CONFIG, num_experts_per_tok: 1 }],
    ['DeepSeekMoE', DEEPSEEK_CONFIG],
    ['DeepSeekMoE, renormalised', { ...DEEPSEEK_CONFIG, norm_topk_prob: true }],
    ['DeepSeekMoE, two dense layers', { ...DEEPSEEK_CONFIG, first_k_dense_replace: 2 }],
    ['DeepSeekMoE, all mixtures', { ...DEEPSEEK_CONFIG, first_k_dense_replace: 0 }],
    ['DeepSeekMoE, nothing shared', unshared],
  ])('%s', async (_, config) => {
    const isMixtral = config.model_type === 'mixtral';
    const tensors = isMixtral ? mixtralTensors(config) : deepseekTensors(config);
    const { session, model } = await runImport(written(config, tensors));
    const tokens = [
      [3, 28, 0, 7, 7, 19, 11, 2, 5],
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    ];
    const logits = await model.logits(tokens);
    session.dispose();
    const wanted = tokens.flatMap((row) => mixtureLogits(config, tensors, row)).flat();
    expect(logits).toHaveLength(wanted.length);
    const worst = wanted.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - logits[i]!)),
      0,
    );
    const scale = Math.max(...wanted.map(Math.abs));
    expect(scale).toBeGreaterThan(1);
    expect(worst / scale).toBeLessThan(1e-5);
  });
});

describe('importing a mixture of experts', () => {
  it('writes the model that a person would have written', () => {
    const mixtral = importFolder(written(MIXTRAL_CONFIG, mixtralTensors()));
    expect(mixtral.source).toMatchInlineSnapshot(`
      "// A model of the Mixtral family, imported from a Hugging Face checkpoint.
      // Change it and compile it again: weights are found by their path names and must keep their shapes.
      edition 1
      use std.{attention, embed, gated_ffn, moe, pre_norm, rms_norm, rope, top_k, unembed}

      /// Rotary attention and a mixture of gated feed-forward networks, each behind an rms_norm.
      block decoder(d: dim) {
        let a = attention(heads: 4, kv_heads: 2, position: rope(theta: 1000000.0))
        let g = moe(gated_ffn(20), experts: 4, route: top_k(2, gates: chosen_softmax))

        pre_norm(rms_norm): a g
      }

      model model_7 {
        vocab: 29
        context: 32
        let blocks = decoder(16)

        embed(16) -> blocks * 2 -> rms_norm -> unembed
      }
      "
    `);
    const deepseek = importFolder(written(DEEPSEEK_CONFIG, deepseekTensors()));
    expect(deepseek.source).toMatchInlineSnapshot(`
      "// A model of the DeepSeekMoE family, imported from a Hugging Face checkpoint.
      // Change it and compile it again: weights are found by their path names and must keep their shapes.
      edition 1
      use std.{attention, embed, gated_ffn, pre_norm, rms_norm, rope, shared_moe, top_k, unembed}

      /// Rotary attention and a gated feed-forward network, each behind an rms_norm.
      block dense_decoder(d: dim) {
        let a = attention(heads: 4, position: rope)
        let f = gated_ffn(20)

        pre_norm(rms_norm(eps: 1e-6)): a f
      }

      /// Rotary attention and a mixture of experts, some of them shared, each behind an rms_norm.
      block decoder(d: dim) {
        let a = attention(heads: 4, position: rope)
        let g = shared_moe(gated_ffn(12), gated_ffn(6), experts: 6, route: top_k(3, gates: raw))

        pre_norm(rms_norm(eps: 1e-6)): a g
      }

      model model_8 {
        vocab: 29
        context: 32
        let dense = dense_decoder(16)
        let blocks = decoder(16)

        embed(16) -> dense * 1 -> blocks * 2 -> rms_norm(eps: 1e-6) -> unembed
      }
      "
    `);
  });

  it('stacks the experts', () => {
    const tensors = mixtralTensors();
    const { weights } = importFolder(written(MIXTRAL_CONFIG, tensors));
    const { shape, data } = weights.get('blocks.1.g.expert.down.w')!;
    expect(shape).toEqual([4, 20, 16]);
    const saved = tensors.get('model.layers.1.block_sparse_moe.experts.2.w2.weight')!.data;
    expect(data[(2 * 20 + 7) * 16 + 3]).toBe(saved[3 * 20 + 7]);
  });

  it.each<[Config, string]>([
    [{ scoring_func: 'sigmoid' }, 'scoring_func: must be "softmax", not "sigmoid"'],
    [{ moe_layer_freq: 2 }, 'moe_layer_freq: must be 1, not 2'],
    [{ num_experts_per_tok: 7 }, 'gives a token 7 of 6 experts'],
    [{ first_k_dense_replace: 3 }, 'none is a mixture'],
    [{ n_routed_experts: 1 }, 'n_routed_experts: must be 2 or more, not 1'],
    [{ routed_scaling_factor: 2 }, 'routed_scaling_factor: not known to the importer'],
  ])('refuses %j', (changes, why) => {
    const config = { ...DEEPSEEK_CONFIG, ...changes };
    expect(() => importFolder(written(config, deepseekTensors()))).toThrow(why);
  });

  it('names a missing expert, one of a wrong shape and one too many', () => {
    const tensors = mixtralTensors();
    const expert = 'model.layers.0.block_sparse_moe.experts';
    tensors.delete(`${expert}.3.w1.weight`);
    tensors.set(`${expert}.1.w2.weight`, tensors.get(`${expert}.1.w1.weight`)!);
    tensors.set(`${expert}.4.w1.weight`, tensors.get(`${expert}.1.w1.weight`)!);
    const run = () => importFolder(written(MIXTRAL_CONFIG, tensors));
    expect(run).toThrow(`${expert}.3.w1.weight [20, 16] is missing`);
    expect(run).toThrow(`${expert}.1.w2.weight has the shape [20, 16], but [16, 20] follows`);
    expect(run).toThrow(`${expert}.4.w1.weight has no place in this architecture`);
  });
});
