// The time that a roofline gives for work, against figures worked out by hand.
import { describe, expect, it } from 'vitest';
import { predict, type Roofline, ridgePoint } from '../../compiler/cost/roofline.ts';

/** 1 TFLOP/s, 100 GB/s: the ridge is at 10 FLOPs for each byte. */
const roofline: Roofline = { flops: 1e12, bytesPerSecond: 1e11, dispatchMs: 0.01, submitMs: 0.1 };

describe('predict', () => {
  it('takes the longer of computing and moving, and adds the dispatches', () => {
    const long = predict({ flops: 5e9, bytes: 1e8, dispatches: 10 }, roofline);
    expect(long.bound).toBe('compute');
    expect(long.ms).toBeCloseTo(5 + 0.1, 9);
    const wide = predict({ flops: 5e8, bytes: 1e8, dispatches: 10 }, roofline);
    expect(wide.bound).toBe('memory');
    expect(wide.ms).toBeCloseTo(1 + 0.1, 9);
  });

  it('counts an element-wise operation as long as a multiply-add', () => {
    const multiplyAdds = predict({ flops: 2e9, bytes: 0, dispatches: 0 }, roofline);
    const others = predict({ flops: 0, elementwise: 1e9, bytes: 0, dispatches: 0 }, roofline);
    expect(others).toEqual(multiplyAdds);
  });

  it('says so where launching takes longer than the work', () => {
    const { bound } = predict({ flops: 1e6, bytes: 1e4, dispatches: 1 }, roofline);
    expect(bound).toBe('dispatch');
  });

  it('turns from memory to compute at the ridge point', () => {
    const ridge = ridgePoint(roofline);
    expect(ridge).toBe(10);
    const at = (intensity: number) =>
      predict({ flops: intensity * 1e8, bytes: 1e8, dispatches: 0 }, roofline).bound;
    expect([at(ridge - 0.1), at(ridge + 0.1)]).toEqual(['memory', 'compute']);
  });
});
