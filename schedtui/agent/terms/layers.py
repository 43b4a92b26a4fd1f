"""Words for how deep to go: leave everything, change a policy, write a new one."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

LAYERS: Final[Table] = {
    (Kind.LAYER, "keep"): {
        "en": "dont change anything|do not change anything|change nothing|leave it as it is"
        "|leave it alone|leave everything as it is|leave everything alone|leave things alone"
        "|keep the default|keep the default scheduler|keep eevdf|stay on eevdf|stick with eevdf"
        "|stay with the default|dont touch anything|do not touch anything|touch nothing"
        "|no changes please|do nothing|keep everything as it is|keep things as they are"
        "|leave the scheduler alone|stick with the default|keep cfs|deploy nothing|dont deploy"
        "|do not deploy|dont deploy anything|do not deploy anything|without changing anything"
        "|without deploying|without deploying anything|apply nothing|dont apply anything"
        "|do not apply anything|stay on the default|keep the kernel default",
        "de": "andere nichts|nichts andern|lass alles so|lass alles wie es ist|alles so lassen"
        "|bleib beim standard|nichts verandern",
        "fr": "ne change rien|ne changez rien|laisse tel quel|laisse tout comme ca"
        "|ne touche a rien",
        "es": "no cambies nada|dejalo como esta|no toques nada|deja todo como esta",
    },
    (Kind.LAYER, "fine"): {"en": "everything is fine"},
    (Kind.LAYER, "create"): {
        "en": "new scheduler|new policy|from scratch|write a scheduler|write me a scheduler"
        "|custom scheduler|own scheduler|build a scheduler|create a scheduler|design a scheduler"
        "|write a policy|create a policy|design a policy|generate a scheduler|code a scheduler"
        "|invent a scheduler|brand new|implement a scheduler|implement a policy|custom policy"
        "|write bpf|a scheduler that|a policy that|develop a scheduler|scheduler of my own",
        "de": "neuer scheduler|neuen scheduler|schreib* einen scheduler|eigenen scheduler"
        "|von grund auf|neue policy|von null|einen scheduler der",
        "fr": "nouvel ordonnanceur|nouveau scheduler|ecris un ordonnanceur|partir de zero"
        "|nouvelle politique|un ordonnanceur qui",
        "es": "nuevo planificador|planificador nuevo|escribe un planificador|desde cero"
        "|nueva politica|un planificador que",
    },
    (Kind.LAYER, "modify"): {
        "en": "modify|patch|tweak the code|change the code|change the policy|modify the policy"
        "|adapt the policy|extend the policy|edit the policy|based on the policy|fork the policy"
        "|change the scheduler so|modify the scheduler|adapt the scheduler|extend the scheduler"
        "|patch the scheduler|a variant of|variation of|add a rule to|start from",
        "de": "andere den scheduler|andere die policy|modifizier*|pass die policy|variante von",
        "fr": "modifie l ordonnanceur|modifie la politique|adapte la politique|variante de|modifie",
        "es": "modifica el planificador|modifica la politica|adapta la politica|variante de"
        "|modifica",
    },
}
"""What the words ask to be done; the plan goes no deeper than it must."""
