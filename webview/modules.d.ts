/** esbuild gives the text of a style sheet (loader ".css": "text"). */
declare module "*.css" {
  const text: string;
  export default text;
}
