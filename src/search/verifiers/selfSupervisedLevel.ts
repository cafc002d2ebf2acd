/** sigma = 0.4 of Ma et al. 2025 (figure 5) on the flow's scale x = (1 - s) x0 + s noise: s = 0.4 / 1.4. */
export const SELF_SUPERVISED_LEVEL = 0.4 / 1.4;
