/** What function.json puts into the environment. */
interface Env {
  SHOP_URL: string;
}
