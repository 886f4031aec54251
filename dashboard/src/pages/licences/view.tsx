import { PageHead } from "../../ui/parts";

export function View() {
  return <PageHead title="Licences" />;
}
