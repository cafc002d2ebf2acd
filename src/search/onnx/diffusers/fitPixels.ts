import { torchBilinear } from "../../pictures/torchBilinear.js";
import type { Tensor } from "../../tensor.js";

/**
 * Planes [C, H, W] at another size, as `resize_and_crop_tensor` of diffusers' PixArtImageProcessor makes them: as small as covers `to` ([height, width]),
 * then its middle. Where its arithmetic lands a hair below the size and leaves a strip of one pixel, the size is what was asked for here.
 */
export function fitPixels({ data, shape }: Tensor, to: readonly [height: number, width: number]): Tensor {
  const [channels, height, width] = shape as [number, number, number];
  if (height === to[0] && width === to[1]) return { data, shape };
  const ratio = Math.max(to[0] / height, to[1] / width);
  const high = Math.max(to[0], Math.floor(height * ratio));
  const wide = Math.max(to[1], Math.floor(width * ratio));
  const [top, left] = [Math.floor((high - to[0]) / 2), Math.floor((wide - to[1]) / 2)];
  const fitted = new Float32Array(channels * to[0] * to[1]);
  for (let channel = 0; channel < channels; channel++) {
    const plane = data.subarray(channel * height * width, (channel + 1) * height * width);
    const whole = torchBilinear(plane, width, height, wide, high);
    for (let row = 0; row < to[0]; row++) {
      const start = (top + row) * wide + left;
      fitted.set(whole.subarray(start, start + to[1]), (channel * to[0] + row) * to[1]);
    }
  }
  return { data: fitted, shape: [channels, ...to] };
}
